# One image for all services: the command picks one (`forloeb run intake`, `scheduler`, `notifier`, `monitor`), or is any other
# of `forloeb`'s. Built by both of Docker's builders. Where no digest is named, the tag decides what the base is: who wants the
# same bytes every time gives BASE_IMAGE=python@sha256:… of a base that was looked at.
ARG BASE_IMAGE=python:3.12-slim-bookworm

FROM ${BASE_IMAGE} AS build
# A base whose certificate store knows an organisation's own proxy is believed by pip, and so told to npm.
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore NODE_USE_SYSTEM_CA=1
RUN python3 -m venv /opt/forloeb && python3 -m venv /opt/node
WORKDIR /app
# The packages change seldom, the code often: packages first, so that their layer is kept.
COPY locks/run.txt locks/node.txt locks/
RUN /opt/forloeb/bin/pip install --require-hashes --only-binary :all: -r locks/run.txt \
 && /opt/node/bin/pip install --require-hashes --only-binary :all: -r locks/node.txt
# The design system of the public pages, by npm's own lock; Node itself stays in this stage.
COPY deploy/__init__.py deploy/
COPY deploy/assets deploy/assets
RUN PYTHONPATH="/app:$(/opt/node/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')" \
    /opt/forloeb/bin/python -m deploy.assets.install
COPY services services
COPY shared shared
COPY deploy deploy
# The code is found through a path file, and compiled here, since a read-only container cannot; pip has no work to do there.
# Readable by all, whatever umask it was checked out with: the services run as another user.
RUN python=/opt/forloeb/bin/python \
 && echo /app > "$($python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/forloeb.pth" \
 && printf '#!%s\nfrom services.cli import main\n\nmain()\n' "$python" > /opt/forloeb/bin/forloeb \
 && chmod 755 /opt/forloeb/bin/forloeb \
 && $python -m pip uninstall --quiet --yes pip setuptools \
 && $python -m compileall -q /app/services /app/shared /app/deploy \
 && chmod -R a+rX /app /opt/forloeb

FROM ${BASE_IMAGE}
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Forløb" \
      org.opencontainers.image.description="Takes a Danish municipal workplace from an application to a booked course" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
# Above the ids that people and system services have, so that nobody on the host is meant by it.
RUN groupadd --gid 10001 forloeb \
 && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin forloeb \
 && install -d -o 10001 -g 10001 -m 750 /var/lib/forloeb /var/lib/forloeb/mail-tls /var/lib/forloeb/staff
COPY --from=build /opt/forloeb /opt/forloeb
COPY --from=build /app /app
WORKDIR /app
ENV PATH=/opt/forloeb/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    FORLOEB_INTAKE_HOST=0.0.0.0 FORLOEB_INTAKE_PORT=8000 \
    FORLOEB_SCHEDULER_HOST=0.0.0.0 FORLOEB_SCHEDULER_PORT=8001 \
    FORLOEB_NOTIFIER_HOST=0.0.0.0 FORLOEB_NOTIFIER_PORT=8002 \
    FORLOEB_MONITOR_HOST=0.0.0.0 FORLOEB_MONITOR_PORT=8004
USER 10001:10001
EXPOSE 8000 8001 8002 8004
# Alive, not ready: a service that only waits for its database or broker must not be replaced.
HEALTHCHECK --interval=30s --timeout=10s --start-period=30s --retries=3 CMD ["forloeb", "healthy"]
CMD ["forloeb", "--help"]
