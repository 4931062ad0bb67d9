FROM registry.acme.example/lambda/python:3.13@sha256:ca7138b420e4ef76a336252b6a121c7681dc6a9f64f433fbcbc3d32c2c84b876
COPY requirements.txt ./
RUN --mount=type=secret,id=pip_conf,target=/etc/pip.conf,required=true \
    --mount=type=cache,id=pip,target=/root/.cache/pip,sharing=locked \
    pip install -r requirements.txt
COPY app.py ./
CMD ["app.handler"]
