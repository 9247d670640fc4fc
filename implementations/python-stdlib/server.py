"""The contract's endpoints on http.server of the standard library.

`handler.py` speaks HTTP, `endpoints.py` answers; this file starts and stops the server.
"""

import argparse
import os
import platform
import signal
import sys
import threading
import time
from http.server import ThreadingHTTPServer

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../_shared/python"))

from endpoints import Endpoints
from entry_shared.settings import Settings
from entry_shared.static_files import Catalogue
from handler import Handler

DRAIN_LIMIT_S = 4
"""How long requests in flight have after SIGTERM; the contract allows 5 s in all."""


class Server(ThreadingHTTPServer):
    # The library's default is 5, and a full backlog costs clients a second (a lost SYN); the
    # contract asks for this.
    request_queue_size = 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--version", action="version", version=f"Python {platform.python_version()}")
    parser.add_argument("--protocol", choices=["1.0", "1.1"], default="1.1")
    protocol = parser.parse_args().protocol

    settings = Settings.from_environment()
    Handler.protocol_version = f"HTTP/{protocol}"
    Handler.endpoints = Endpoints(Catalogue(settings.static_dir))
    try:
        server = Server((settings.host, settings.port), Handler)
    except OSError as error:
        sys.exit(f"cannot listen on {settings.host}:{settings.port}: {error}")
    print(f"listening on {settings.host}:{server.server_port}", file=sys.stderr, flush=True)

    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    signal.signal(signal.SIGINT, lambda *_: stop.set())
    threading.Thread(target=server.serve_forever, daemon=True).start()
    stop.wait()
    server.shutdown()
    server.socket.close()
    deadline = time.monotonic() + DRAIN_LIMIT_S
    while Handler.in_flight() and time.monotonic() < deadline:
        time.sleep(0.01)
    # Idle connections hold a thread each that waits for a request; they end here.
    os._exit(0)


if __name__ == "__main__":
    main()
