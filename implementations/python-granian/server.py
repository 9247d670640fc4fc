"""Starts granian with the application of starlette_app.py or litestar_app.py under the contract."""

import importlib.metadata
import os
import pathlib
import socket
import sys

FOLDER = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(FOLDER), str(FOLDER.parent / "_shared/python")]

from granian import Granian
from granian.constants import HTTPModes, Interfaces, Loops
from granian.log import LogLevels

from entry_shared.settings import Settings

APPLICATIONS = {"starlette": "starlette_app:app", "litestar": "litestar_app:app"}


def main() -> None:
    arguments = sys.argv[1:]
    if arguments == ["--version"]:
        names = ("granian", "starlette", "litestar")
        print(" ".join(f"{name} {importlib.metadata.version(name)}" for name in names))
        return
    match arguments or ["--framework", "starlette"]:
        case ["--framework", framework] if framework in APPLICATIONS:
            pass
        case _:
            wanted = " or ".join(APPLICATIONS)
            raise SystemExit(f"{' '.join(arguments)}: expected --framework with {wanted}")
    settings = Settings.from_environment()
    port = free_port(settings)
    print(f"listening on {settings.host}:{port}", file=sys.stderr)
    # Worker processes import the application anew.
    os.environ["PYTHONPATH"] = os.pathsep.join(sys.path[:2])
    Granian(
        APPLICATIONS[framework],
        address=settings.host,
        port=port,
        interface=Interfaces.ASGI,
        workers=settings.workers,
        loop=Loops.uvloop,
        http=HTTPModes.http1,
        websockets=False,
        backlog=2048,
        # A worker that dies is replaced.
        respawn_failed_workers=True,
        # What is in flight at SIGTERM has so long.
        workers_kill_timeout=4,
        log_level=LogLevels.warning,
        log_access=False,
    ).serve()


def free_port(settings: Settings) -> int:
    """The port, or the end: granian shares one that is in use with whoever has it (SO_REUSEPORT)."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            raise SystemExit(f"python-granian: {settings.host}:{settings.port}: {error}") from None
        return probe.getsockname()[1]


if __name__ == "__main__":
    main()
