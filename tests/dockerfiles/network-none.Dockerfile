FROM registry.acme.example/lambda/python:3.13@sha256:ca7138b420e4ef76a336252b6a121c7681dc6a9f64f433fbcbc3d32c2c84b876
COPY --exclude=*.md --parents src/ /var/task/
RUN --network=none --security=sandbox python -m compileall /var/task
RUN --mount=type=tmpfs,target=/scratch,size=64m --mount=type=ssh,id=default echo
CMD ["app.handler"]
