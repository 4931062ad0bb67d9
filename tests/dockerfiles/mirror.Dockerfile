FROM mirror.acme.example/cache/lambda/python:3.13@sha256:ca7138b420e4ef76a336252b6a121c7681dc6a9f64f433fbcbc3d32c2c84b876 AS base
FROM base
COPY app.py /var/task/
CMD ["app.handler"]
