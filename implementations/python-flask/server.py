"""Starts gunicorn with the application of app.py under the contract."""

import importlib.metadata
import pathlib
import sys

FOLDER = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(FOLDER), str(FOLDER.parent / "_shared/python")]

from gunicorn.app.base import BaseApplication

from entry_shared.settings import Settings

THREADS = 32
"""Per worker process. A thread is held by a request, not by an idle connection."""


class Server(BaseApplication):
    """Gunicorn with its settings in code (docs.gunicorn.org, "Custom Application")."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        super().__init__()

    def load_config(self) -> None:
        settings = {
            "bind": f"{self._settings.host}:{self._settings.port}",
            "workers": self._settings.workers,
            "worker_class": "gthread",
            "threads": THREADS,
            "worker_connections": 4096,
            "backlog": 2048,
            "keepalive": 60,
            "graceful_timeout": 4,
            "timeout": 60,
            "limit_request_line": 8190,
            "loglevel": "warning",
            "post_fork": number_worker,
        }
        for name, value in settings.items():
            self.cfg.set(name, value)

    def load(self):
        from app import create_app

        return create_app(self._settings, worker=number_worker.last)


def number_worker(_server, worker) -> None:
    """Workers divide the pool: those that replace one that died take its share."""
    number_worker.last = worker.age - 1


number_worker.last = 0


def main() -> None:
    if "--version" in sys.argv:
        versions = (f"{name} {importlib.metadata.version(name)}" for name in ("flask", "gunicorn"))
        print(" ".join(versions))
        return
    arguments, sys.argv[1:] = sys.argv[1:], []
    if arguments:
        sys.exit(f"unknown argument `{arguments[0]}`")
    Server(Settings.from_environment()).run()


if __name__ == "__main__":
    main()
