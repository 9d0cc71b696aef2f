"""The web server: `gunicorn` in this folder, with the environment that console/settings.py reads.

PORT (8000) and BIND (127.0.0.1:$PORT) say where it listens, WEB_CONCURRENCY how many processes it has.
"""

import os
from pathlib import Path

wsgi_app = "console.wsgi:application"
bind = os.environ.get("BIND") or f"127.0.0.1:{os.environ.get('PORT') or 8000}"

# A process per core, with two threads each, so that one slow request does not hold up a core; more only add delay.
workers = int(os.environ.get("WEB_CONCURRENCY") or len(os.sched_getaffinity(0)))
worker_class = "gthread"
threads = 2
preload_app = True  # settings that are incomplete stop the server at once, with one sentence

timeout = 60  # seconds without a sign of life from a worker
graceful_timeout = 20
keepalive = 5
if Path("/dev/shm").is_dir():  # noqa: S108 - gunicorn makes private files there; on a disk their heartbeat can stall
    worker_tmp_dir = "/dev/shm"  # noqa: S108

loglevel = os.environ.get("GUNICORN_LOG_LEVEL", "warning")
control_socket_disable = True
proc_name = "bladeworks"
