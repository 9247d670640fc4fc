"""Starts Robyn with the application of app.py under the contract."""

import importlib.metadata
import pathlib
import socket
import sys

FOLDER = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(FOLDER), str(FOLDER.parent / "_shared/python")]

from entry_shared.settings import Settings

def main() -> None:
    arguments = sys.argv[1:]
    if arguments == ["--version"]:
        print(f"robyn {importlib.metadata.version('robyn')}")
        return
    if arguments:
        raise SystemExit(f"{' '.join(arguments)}: expected nothing, or --version")
    settings = Settings.from_environment()
    port = free_port(settings)
    print(f"listening on {settings.host}:{port}", file=sys.stderr)
    # Robyn reads its settings from the command line and the environment.
    sys.argv[1:] = ["--processes", str(settings.workers), "--workers", "1"]
    sys.argv += ["--log-level", "CRITICAL", "--disable-openapi"]
    import ending
    from app import create_app

    # Where the port is in use, Robyn would ask for another on standard input.
    app = create_app(settings, settings.workers)
    ending.prepare(settings.workers)
    app.start(settings.host, port, _check_port=False, client_timeout=30, keep_alive_timeout=75)


def free_port(settings: Settings) -> int:
    """The port, or the end: Robyn shares one that is in use with whoever has it (SO_REUSEPORT)."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            raise SystemExit(f"python-robyn: {settings.host}:{settings.port}: {error}") from None
        return probe.getsockname()[1]


if __name__ == "__main__":
    main()
