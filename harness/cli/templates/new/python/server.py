"""uvicorn under spec/contract.md: starts and stops. What is answered is in app.py."""

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
        print("uvicorn", importlib.metadata.version("uvicorn"))
        return
    settings = Settings.from_environment()
    # uvicorn raises the signal again once it has stopped; the contract wants exit status 0.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    # Worker processes import app.py anew.
    os.environ["PYTHONPATH"] = os.pathsep.join(sys.path[:2])
    uvicorn.run(
        "app:app",
        host=settings.host,
        port=settings.port,
        workers=settings.workers,
        loop="uvloop",
        http="httptools",
        ws="none",
        lifespan="off",
        backlog=2048,
        access_log=False,
        log_level="warning",
        timeout_keep_alive=60,
        timeout_graceful_shutdown=4,
    )


if __name__ == "__main__":
    main()
