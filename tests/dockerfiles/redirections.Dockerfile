FROM registry.acme.example/lambda/python:3.13@sha256:ca7138b420e4ef76a336252b6a121c7681dc6a9f64f433fbcbc3d32c2c84b876
ARG CHANNEL=stable
RUN set -eu; echo "$CHANNEL" > /opt/channel; \
    tr a-z A-Z < /opt/channel > /opt/upper 2>&1; \
    while IFS= read -r line; do echo "${line:-none}"; done < /opt/upper; \
    diff <(echo a) <(echo "${CHANNEL}") || test 1 -lt 2
COPY app.py ${LAMBDA_TASK_ROOT}
CMD ["app.handler"]
