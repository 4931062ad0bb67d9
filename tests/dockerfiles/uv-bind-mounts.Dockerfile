FROM registry.acme.example/lambda/python:3.13@sha256:ca7138b420e4ef76a336252b6a121c7681dc6a9f64f433fbcbc3d32c2c84b876 AS build
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_CACHE_DIR=/cache/uv
WORKDIR /app
RUN --mount=type=bind,source=uv.lock,target=uv.lock \
    --mount=type=bind,source=pyproject.toml,target=pyproject.toml \
    --mount=type=cache,target=/cache/uv \
    python -m pip install uv && uv sync --locked --no-dev --no-install-project
FROM registry.acme.example/lambda/python:3.13@sha256:ca7138b420e4ef76a336252b6a121c7681dc6a9f64f433fbcbc3d32c2c84b876
COPY --from=build /app/.venv/lib/python3.13/site-packages /var/task
COPY . /var/task
CMD ["main.handler"]
