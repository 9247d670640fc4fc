"""The connections of one worker process, which outlive their database.

psycopg_pool gives a connection up for good once an attempt has failed for `reconnect_timeout`, or
waits ever longer between attempts; the contract wants the database back within seconds.
"""

import collections
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
    opens them.

    Who waits gets one in the order of coming. With queue.Queue a thread that has just given one back
    takes it again before those who wait are awake, and some of them wait for ever.
    """

    def __init__(self, url: str, size: int) -> None:
        self._url = url
        self._lock = threading.Lock()
        self._idle: list[psycopg.Connection] = []
        self._waiting: collections.deque[queue.SimpleQueue] = collections.deque()
        self._missing: queue.SimpleQueue = queue.SimpleQueue()
        for _ in range(size):
            self._missing.put(None)
        threading.Thread(target=self._replace, name="connections", daemon=True).start()

    @contextmanager
    def connection(self, timeout_s: float):
        connection = self._take(timeout_s)
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
                self._give(connection)

    def _take(self, timeout_s: float) -> psycopg.Connection:
        with self._lock:
            if self._idle:
                return self._idle.pop()
            turn = queue.SimpleQueue()
            self._waiting.append(turn)
        try:
            return turn.get(timeout=timeout_s)
        except queue.Empty:
            pass
        with self._lock:
            if turn in self._waiting:
                self._waiting.remove(turn)
                raise Unavailable
        # It came in the moment after the last one.
        return turn.get_nowait()

    def _give(self, connection: psycopg.Connection) -> None:
        with self._lock:
            if self._waiting:
                self._waiting.popleft().put(connection)
            else:
                self._idle.append(connection)

    def _replace(self) -> None:
        while True:
            self._missing.get()
            self._give(self._open())

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
