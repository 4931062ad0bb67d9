FROM registry.acme.example/lambda/python:3.13@sha256:ca7138b420e4ef76a336252b6a121c7681dc6a9f64f433fbcbc3d32c2c84b876 AS lock
COPY requirements.in .
RUN pip install pip-tools && pip-compile --generate-hashes --output-file=/requirements.txt requirements.in

FROM scratch AS locked
COPY --from=lock /requirements.txt /requirements.txt

FROM registry.acme.example/lambda/python:3.13@sha256:ca7138b420e4ef76a336252b6a121c7681dc6a9f64f433fbcbc3d32c2c84b876
COPY --link app.py /var/task/
CMD ["app.handler"]
