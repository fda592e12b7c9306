# One image for web, worker, beat and migrations; docker-compose.yml says which of them a container is.
FROM python:3.11-slim

ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    FANGPIN_ENV=production \
    VAR_DIR=/var/lib/fangpin \
    STATIC_ROOT=/app/staticfiles

RUN groupadd --system --gid 10001 fangpin \
    && useradd --system --uid 10001 --gid 10001 --no-create-home --shell /usr/sbin/nologin fangpin \
    && install -d -o fangpin -g fangpin -m 0700 /var/lib/fangpin

WORKDIR /app
COPY requirements.txt constraints.txt ./
RUN pip install --no-cache-dir --disable-pip-version-check -r requirements.txt -c constraints.txt
COPY . .

# Needs settings, but neither a database nor a secret that will ever be used.
RUN SECRET_KEY=only-while-the-image-is-built-0123456789 ALLOWED_HOSTS=localhost VAR_DIR=/tmp/build \
    python manage.py collectstatic --noinput \
    && chmod -R a+rX "$STATIC_ROOT" \
    && rm -rf /tmp/build

USER 10001:10001
EXPOSE 8000
VOLUME /var/lib/fangpin
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=5 \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/ping', timeout=3)"]
CMD ["gunicorn", "fangpin.wsgi", "--bind", "0.0.0.0:8000", "--worker-class", "gthread", "--workers", "2", "--threads", "4", "--no-control-socket", "--worker-tmp-dir", "/dev/shm", "--max-requests", "5000", "--max-requests-jitter", "500"]
