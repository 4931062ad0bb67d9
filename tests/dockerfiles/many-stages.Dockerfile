FROM registry.acme.example/lambda/python:3.13@sha256:ca7138b420e4ef76a336252b6a121c7681dc6a9f64f433fbcbc3d32c2c84b876 AS base
ENV PYTHONUNBUFFERED=1

FROM base AS dependencies
COPY requirements.txt .
RUN pip install --target /packages -r requirements.txt

FROM base AS models
RUN python -c "import pathlib; pathlib.Path('/models').mkdir()"

FROM dependencies AS test
COPY tests tests
RUN python -m unittest discover -s tests

FROM base
COPY --from=dependencies /packages /var/task
COPY --from=models /models /opt/ml/model
COPY --chmod=0644 --chown=0:0 app.py /var/task/
CMD ["app.handler"]
