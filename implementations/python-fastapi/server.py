"""Starts uvicorn with the application of app.py under the contract."""

import importlib.metadata
import os
import pathlib
import signal
import sys

FOLDER = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(FOLDER), str(FOLDER.parent / "_shared/python")]

import uvicorn

from entry_shared.settings import Settings


def main() -> None:
    if "--version" in sys.argv:
        versions = (f"{name} {importlib.metadata.version(name)}" for name in ("fastapi", "uvicorn"))
        print(" ".join(versions))
        return
    settings = Settings.from_environment()
    # uvicorn raises the signal again once it has stopped; the contract wants exit status 0.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    workers = 1 if "--one-worker" in sys.argv else settings.workers
    # Worker processes import app.py anew and divide the pool among themselves.
    os.environ["FASTAPI_WORKERS"] = str(workers)
    os.environ["PYTHONPATH"] = os.pathsep.join(sys.path[:2])
    uvicorn.run(
        "app:app",
        host=settings.host,
        port=settings.port,
        workers=workers,
        loop="uvloop",
        http="httptools",
        ws="none",
        backlog=2048,
        access_log=False,
        log_level="warning",
        timeout_keep_alive=60,
        timeout_graceful_shutdown=4,
    )


if __name__ == "__main__":
    main()
