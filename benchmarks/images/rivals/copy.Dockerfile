# The floor of a rebuild: no packages, and one step that copies the code.
ARG BASE=public.ecr.aws/lambda/python:3.13
FROM ${BASE}
COPY app.py ./
CMD ["app.handler"]
