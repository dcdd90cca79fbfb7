# The local run as an image, to try Lockstep out: `docker compose up`. It is no deployment, since anyone who reaches it
# can sign in, and its data ends with it.
FROM python:3.13-slim AS packages
WORKDIR /app
COPY requirements.txt ./
COPY requirements requirements
RUN python -m venv .venv \
    && .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.lock \
    && .venv/bin/uv pip install --quiet --compile-bytecode --python .venv/bin/python --require-hashes -r requirements/run.txt -c requirements/all.lock

FROM packages AS pages
COPY web web
COPY chalicelib chalicelib
COPY infra infra
RUN .venv/bin/python -m infra.web

FROM python:3.13-slim
WORKDIR /app
COPY --from=packages /app/.venv .venv
COPY --from=pages /app/web/dist web/dist
COPY .chalice .chalice
COPY app.py ./
COPY chalicelib chalicelib
COPY infra infra
RUN useradd --system --no-create-home lockstep
USER lockstep
ENV PORT=8000 LOCKSTEP_LOCAL_ADDRESS=0.0.0.0 PYTHONDONTWRITEBYTECODE=1
EXPOSE 8000
HEALTHCHECK --interval=5s --timeout=3s --start-period=60s CMD [".venv/bin/python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/health', timeout=3)"]
ENTRYPOINT [".venv/bin/python", "-m", "infra.local"]
