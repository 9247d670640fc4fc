"""The connections of one worker process: an asyncpg pool that outlives its database."""

import asyncio
import multiprocessing

import asyncpg

from .database import (
    DEADLINE_S,
    RECONNECT_S,
    SELECT_FORTUNES,
    SELECT_WORLD,
    SETTINGS,
    UPDATE_WORLDS,
)
from .settings import Settings, share_of_pool

_FAILURES = (
    OSError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncio.TimeoutError,
)


class Unavailable(Exception):
    """The rows did not come."""


class Database:
    def __init__(self, url: str, connections: int) -> None:
        self._url = url
        self._connections = connections
        self._pool: asyncpg.Pool | None = None
        self._opened = asyncio.Event()
        self._opening = asyncio.create_task(self._open())

    @classmethod
    def of(cls, settings: Settings, workers: int) -> "Database | None":
        """The share of this process, which is one of `workers`."""
        if not settings.database_url:
            return None
        # Worker processes are numbered from 1, also those that replace one that died.
        identity = multiprocessing.current_process()._identity
        worker = (identity[0] - 1) % workers if identity else 0
        share = share_of_pool(settings.database_pool, workers, worker)
        return cls(settings.database_url, share)

    async def worlds(self, ids: list[int]) -> list[tuple[int, int]]:
        return await self._with_connection(lambda connection: _read(connection, ids))

    async def update(self, ids: list[int], numbers: dict[int, int]) -> None:
        async def read_and_write(connection):
            await _read(connection, ids)
            await connection.execute(UPDATE_WORLDS, list(numbers), list(numbers.values()))

        await self._with_connection(read_and_write)

    async def fortunes(self) -> list[tuple[int, str]]:
        async def read(connection):
            return [tuple(row) for row in await connection.fetch(SELECT_FORTUNES)]

        return await self._with_connection(read)

    def close(self) -> None:
        self._opening.cancel()
        if self._pool:
            self._pool.terminate()

    async def _open(self) -> None:
        """Opens all connections, and tries again while that fails; nobody waits for it."""
        while self._pool is None and self._connections:
            try:
                self._pool = await asyncpg.create_pool(
                    self._url,
                    min_size=self._connections,
                    max_size=self._connections,
                    max_inactive_connection_lifetime=0,
                    timeout=DEADLINE_S,
                    server_settings=SETTINGS,
                    # Nothing here leaves state in a session, so nothing has to be put back.
                    reset=_nothing,
                )
                self._opened.set()
            except _FAILURES:
                await asyncio.sleep(RECONNECT_S)

    async def _with_connection(self, work):
        try:
            async with asyncio.timeout(DEADLINE_S):
                await self._opened.wait()
                connection = await self._pool.acquire()
                try:
                    return await work(connection)
                except BaseException:
                    # Whatever still comes on it belongs to nobody.
                    connection.terminate()
                    raise
                finally:
                    await self._pool.release(connection)
        except _FAILURES as error:
            raise Unavailable from error


async def _read(connection, ids: list[int]) -> list[tuple[int, int]]:
    """Each row by a statement of its own; several are sent together."""
    if len(ids) == 1:
        return [tuple(await connection.fetchrow(SELECT_WORLD, ids[0]))]
    rows = await connection.fetchmany(SELECT_WORLD, [(row,) for row in ids])
    return [tuple(row) for row in rows]


async def _nothing(_connection) -> None:
    pass
