FROM registry.acme.example/lambda/python:3.13@sha256:ca7138b420e4ef76a336252b6a121c7681dc6a9f64f433fbcbc3d32c2c84b876
RUN --mount=type=bind,from=registry.acme.example/extensions/insights:1.2@sha256:7f1fe30ef252bf75fab0c9680c7bcfff648154165afe718155091051255a0a99,source=/opt,target=/extension,ro \
    cp -r /extension/. /opt/
CMD ["app.handler"]
