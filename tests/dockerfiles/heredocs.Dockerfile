FROM registry.acme.example/lambda/python:3.13@sha256:ca7138b420e4ef76a336252b6a121c7681dc6a9f64f433fbcbc3d32c2c84b876 AS build
RUN <<EOF
#!/bin/bash
set -euo pipefail
for name in a b; do
    echo "$name" >> /tmp/names
done
# FROM is a word like any other here: from the registry
EOF
RUN python3 - <<-'PY' > /tmp/out
	from pathlib import Path
	print(Path("/tmp/names").read_text())
	PY

FROM registry.acme.example/lambda/python:3.13@sha256:ca7138b420e4ef76a336252b6a121c7681dc6a9f64f433fbcbc3d32c2c84b876
COPY <<'SH' /opt/start.sh
#!/bin/sh
set -eu
exec "$@"
SH
COPY <<ONE <<"TWO" /opt/texts/
not a heredoc's name
ONE
two
TWO
COPY --from=build /tmp/out /opt/out
COPY app.py /var/task/
ENTRYPOINT ["/opt/start.sh"]
CMD ["app.handler"]
