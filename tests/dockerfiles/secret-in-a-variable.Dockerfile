FROM registry.acme.example/lambda/python:3.13@sha256:ca7138b420e4ef76a336252b6a121c7681dc6a9f64f433fbcbc3d32c2c84b876
COPY requirements.txt ./
RUN --mount=type=secret,id=token,env=TOKEN,required \
    pip install --index-url "https://user:${TOKEN}@packages.example/simple" -r requirements.txt
CMD ["app.handler"]
