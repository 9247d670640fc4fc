"""What is asked of the database, over the connections of one worker process."""

import time

import psycopg

from deadlines import Deadlines
from entry_shared.database import (
    DEADLINE_S,
    SELECT_FORTUNES,
    SELECT_WORLD,
    UPDATE_WORLDS,
)
from entry_shared.settings import Settings, share_of_pool
from pool import Pool, Unavailable


class Database:
    def __init__(self, url: str, connections: int) -> None:
        self._deadlines = Deadlines()
        self._pool = Pool(url, connections)

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
        deadline = time.monotonic() + DEADLINE_S
        try:
            with self._pool.connection(DEADLINE_S) as connection:
                with self._deadlines.of(connection, deadline):
                    return work(connection)
        except psycopg.Error as error:
            raise Unavailable from error
