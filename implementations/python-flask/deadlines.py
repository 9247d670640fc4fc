"""Deadlines for blocking statements.

psycopg waits for an answer as long as the connection lives, and a database that hangs keeps it
alive. So a thread shuts the socket of a connection whose deadline has passed down: its statement
ends in an error at once, and nothing late can come on it.
"""

import os
import socket
import threading
import time
from contextlib import contextmanager

_LOOK_EVERY_S = 0.1


class Deadlines:
    def __init__(self) -> None:
        self._watched: dict[int, tuple[float, object]] = {}
        self._lock = threading.Lock()
        threading.Thread(target=self._watch, name="deadlines", daemon=True).start()

    @contextmanager
    def of(self, connection, deadline: float):
        """`deadline` is on the clock of time.monotonic."""
        key = id(connection)
        with self._lock:
            self._watched[key] = (deadline, connection)
        try:
            yield
        finally:
            with self._lock:
                self._watched.pop(key, None)

    def _watch(self) -> None:
        while True:
            time.sleep(_LOOK_EVERY_S)
            with self._lock:
                now = time.monotonic()
                for key in [key for key, (end, _) in self._watched.items() if end <= now]:
                    _, connection = self._watched.pop(key)
                    _shut_down(connection)


def _shut_down(connection) -> None:
    try:
        with socket.socket(fileno=os.dup(connection.fileno())) as duplicate:
            duplicate.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass  # It has ended by itself.
