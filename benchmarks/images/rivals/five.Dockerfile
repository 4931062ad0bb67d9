# What a careful person writes by hand: packages before code, so that an edit installs nothing.
ARG BASE=public.ecr.aws/lambda/python:3.13
FROM ${BASE}
COPY requirements.txt ./
RUN python3 -m pip install -r requirements.txt -t .
COPY app.py ./
CMD ["app.handler"]
