FROM registry.acme.example/lambda/python:3.13@sha256:ca7138b420e4ef76a336252b6a121c7681dc6a9f64f433fbcbc3d32c2c84b876
ARG NAME
ENV GREETING="Dobrý den, světe 🎉" PRICE="\$5" EMPTY=""
LABEL org.opencontainers.image.title="search" \
      org.opencontainers.image.description="Says \"hi\" — and FROM where"
RUN set -eu; for f in a b c; do printf '%s\n' "$f"; done > /tmp/list; \
    if [ -n "${NAME:-}" ]; then echo "${NAME}" >> /tmp/list; fi; \
    test "$(wc -l < /tmp/list)" -ge 3
RUN ["/bin/sh", "-c", "echo FROM evil"]
STOPSIGNAL SIGTERM
VOLUME ["/tmp"]
HEALTHCHECK --interval=30s --timeout=3s CMD curl -f http://localhost:8080/ || exit 1
USER nobody
CMD app.handler
