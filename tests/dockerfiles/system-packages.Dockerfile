FROM registry.acme.example/lambda/python:3.13@sha256:ca7138b420e4ef76a336252b6a121c7681dc6a9f64f433fbcbc3d32c2c84b876
# hadolint ignore=DL3041
RUN dnf install -y --setopt=install_weak_deps=0 \
      # for the image formats
      libjpeg-turbo \
      libwebp \
    # and nothing of what dnf leaves behind
    && dnf clean all \
    && rm -rf /var/cache/dnf
COPY app.py /var/task/
CMD ["app.handler"]
