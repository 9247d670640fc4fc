"""The connections of one worker process, which outlive their database.

psycopg_pool gives a connection up for good once an attempt has failed for `reconnect_timeout`, or
waits ever longer between attempts; the contract wants the database back within seconds.
"""

import queue
import threading
import time
from contextlib import contextmanager

import psycopg

from entry_shared.database import RECONNECT_S, SETTINGS


class Unavailable(Exception):
    """The rows did not come."""


class Pool:
    """At most `size` connections: each is idle, in use, or being opened by the one thread that
    opens them."""

    def __init__(self, url: str, size: int) -> None:
        self._url = url
        self._idle: queue.LifoQueue = queue.LifoQueue()
        self._missing: queue.SimpleQueue = queue.SimpleQueue()
        for _ in range(size):
            self._missing.put(None)
        threading.Thread(target=self._replace, name="connections", daemon=True).start()

    @contextmanager
    def connection(self, timeout_s: float):
        try:
            connection = self._idle.get(timeout=timeout_s)
        except queue.Empty:
            raise Unavailable from None
        try:
            yield connection
        except BaseException:
            # Whatever still comes on it belongs to nobody.
            connection.close()
            raise
        finally:
            if connection.closed:
                self._missing.put(None)
            else:
                self._idle.put(connection)

    def _replace(self) -> None:
        while True:
            self._missing.get()
            self._idle.put(self._open())

    def _open(self) -> psycopg.Connection:
        options = " ".join(f"-c {name}={value}" for name, value in SETTINGS.items())
        while True:
            try:
                return psycopg.connect(
                    self._url,
                    autocommit=True,
                    prepare_threshold=0,
                    # $1 and $2 as they are, sent to the server apart from the statement.
                    cursor_factory=psycopg.RawCursor,
                    connect_timeout=2,
                    options=options,
                )
            except psycopg.Error:
                time.sleep(RECONNECT_S)
