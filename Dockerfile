# One image for every process: api, worker, relay and migrate differ by their command only.
FROM python:3.13-slim AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/accrue
WORKDIR /srv/accrue
# The packages change less often than the code, so they have a layer of their own.
COPY pyproject.toml constraints.txt README.md LICENSE ./
RUN mkdir app dev schema resolvers workers domain db kit \
    && /opt/accrue/bin/pip install --constraint constraints.txt --editable .
COPY . .
RUN /opt/accrue/bin/python -m compileall -q app dev schema resolvers workers domain db kit

FROM python:3.13-slim
# PYTHONHASHSEED: the ORM orders columns by hash; one order keeps the database's statement statistics together.
ENV PATH=/opt/accrue/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PYTHONHASHSEED=0 \
    ACCRUE_DATA_DIR=/var/lib/accrue ACCRUE_LOG_JSON=true
RUN useradd --system --uid 10001 --user-group --no-create-home accrue \
    && install --directory --owner accrue --group accrue --mode 0700 /var/lib/accrue
COPY --from=build /opt/accrue /opt/accrue
COPY --from=build /srv/accrue /srv/accrue
WORKDIR /srv/accrue
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/livez', timeout=2)"]
CMD ["accrue", "api", "--host", "0.0.0.0", "--port", "8000"]
