# The shape that `sam init` writes for a function packaged as an image.
ARG BASE=public.ecr.aws/lambda/python:3.13
FROM ${BASE}
COPY app.py requirements.txt ./
RUN python3 -m pip install -r requirements.txt -t .
CMD ["app.handler"]
