# One image for every process: the web server unless another command is given. Nothing has to be compiled, so there is
# no compiler to leave behind and one stage is enough. Not an Alpine image: some wheels are for glibc only.
FROM python:3.11-slim

ENV PYTHONUNBUFFERED=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_ROOT_USER_ACTION=ignore \
    NISAM_DATA_DIR=/data \
    NISAM_STATIC_ROOT=/app/staticfiles

# A fixed number, so that a volume's files keep their owner from one image to the next.
RUN useradd --uid 10001 --user-group --no-create-home --home-dir /data nisam \
 && install --directory --owner=nisam --group=nisam /data

WORKDIR /app

# The dependencies alone: this layer is made anew only when pyproject.toml changes. pip compiles them to bytecode.
COPY pyproject.toml ./
RUN python -c "import tomllib; print(*tomllib.load(open('pyproject.toml', 'rb'))['project']['dependencies'], sep='\n')" > /tmp/requirements.txt \
 && pip install --requirement /tmp/requirements.txt \
 && rm /tmp/requirements.txt

COPY . ./
# The settings need some key to load; this one signs nothing and is kept nowhere.
RUN python -m compileall -q . \
 && NISAM_SECRET_KEY=for-this-step-only NISAM_DATA_DIR=/tmp/nisam python manage.py collectstatic --noinput \
 && rm -rf /tmp/nisam

USER nisam
EXPOSE 8000

# Asks by the name 127.0.0.1, which NISAM_ALLOWED_HOSTS has to include. Switch it off where the command is not the web server.
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import urllib.request as request; request.urlopen('http://127.0.0.1:8000/api/videos?limit=1', timeout=4)"]

CMD ["python", "-m", "uvicorn", "nisam.asgi:application", "--host", "0.0.0.0", "--port", "8000", "--proxy-headers", "--timeout-graceful-shutdown", "10", "--lifespan", "off", "--no-access-log"]
