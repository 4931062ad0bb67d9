FROM registry.acme.example:5000/python:3.13-slim
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
RUN pip install awslambdaric && curl --version | head -n 1
ENTRYPOINT ["python", "-m", "awslambdaric"]
CMD ["app.handler"]
