"""The connections of one worker process: a psycopg pool that outlives its database."""

import time

import psycopg
from psycopg_pool import ConnectionPool

from deadlines import Deadlines
from entry_shared.database import (
    DEADLINE_S,
    RECONNECT_S,
    SELECT_FORTUNES,
    SELECT_WORLD,
    SETTINGS,
    UPDATE_WORLDS,
)
from entry_shared.settings import Settings, share_of_pool


class Unavailable(Exception):
    """The rows did not come."""


class Database:
    def __init__(self, url: str, connections: int) -> None:
        self._deadlines = Deadlines()
        options = " ".join(f"-c {name}={value}" for name, value in SETTINGS.items())
        self._pool = None if connections == 0 else ConnectionPool(
            url,
            min_size=connections,
            max_size=connections,
            # $1 and $2 as they are, sent to the server apart from the statement.
            connection_class=psycopg.Connection,
            kwargs={
                "autocommit": True,
                "prepare_threshold": 0,
                "cursor_factory": psycopg.RawCursor,
                "connect_timeout": 2,
                "options": options,
            },
            max_lifetime=float("inf"),
            max_idle=float("inf"),
            reconnect_timeout=RECONNECT_S,
            # Attempts never end: the pool starts anew when it gives up.
            reconnect_failed=lambda pool: pool.check(),
            num_workers=connections,
            open=True,
        )

    @classmethod
    def of(cls, settings: Settings, worker: int) -> "Database":
        share = share_of_pool(settings.database_pool, settings.workers, worker % settings.workers)
        return cls(settings.database_url, share)

    def worlds(self, ids: list[int]) -> list[tuple[int, int]]:
        def read(connection):
            return [connection.execute(SELECT_WORLD, (row,)).fetchone() for row in ids]

        return self._with_connection(read)

    def update(self, ids: list[int], numbers: dict[int, int]) -> None:
        def read_and_write(connection):
            for row in ids:
                connection.execute(SELECT_WORLD, (row,)).fetchone()
            connection.execute(UPDATE_WORLDS, (list(numbers), list(numbers.values())))

        self._with_connection(read_and_write)

    def fortunes(self) -> list[tuple[int, str]]:
        return self._with_connection(lambda one: one.execute(SELECT_FORTUNES).fetchall())

    def _with_connection(self, work):
        if self._pool is None:
            raise Unavailable
        deadline = time.monotonic() + DEADLINE_S
        try:
            with self._pool.connection(timeout=DEADLINE_S) as connection:
                with self._deadlines.of(connection, deadline):
                    return work(connection)
        except psycopg.Error as error:
            raise Unavailable from error
