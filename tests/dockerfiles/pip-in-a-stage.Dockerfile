FROM registry.acme.example/lambda/python:3.13@sha256:ca7138b420e4ef76a336252b6a121c7681dc6a9f64f433fbcbc3d32c2c84b876 AS build
WORKDIR /build
COPY requirements.txt .
RUN --mount=type=cache,target=/root/.cache/pip \
    pip install --target /build/packages -r requirements.txt

FROM registry.acme.example/lambda/python:3.13@sha256:ca7138b420e4ef76a336252b6a121c7681dc6a9f64f433fbcbc3d32c2c84b876
COPY --from=build /build/packages/ /var/task/
COPY src/ /var/task/
USER 1000
CMD ["app.handler"]
