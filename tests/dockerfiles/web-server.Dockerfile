FROM registry.acme.example/lambda/python:3.13@sha256:ca7138b420e4ef76a336252b6a121c7681dc6a9f64f433fbcbc3d32c2c84b876
COPY --from=registry.acme.example/extensions/web-adapter:0.9@sha256:ae1eae1d76e5b7c865c4122ce366a08025842566d2d96c75cc13e6353a73db0d /lambda-adapter /opt/extensions/lambda-adapter
ENV PORT=8000 \
    READINESS_CHECK_PATH=/health
EXPOSE 8000
COPY . .
ENTRYPOINT ["python", "-m", "uvicorn"]
CMD ["main:app", "--host", "0.0.0.0", "--port", "8000"]
