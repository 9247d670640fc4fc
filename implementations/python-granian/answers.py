"""What the endpoints answer, whichever framework asks: values, before they are serialised."""

import asyncio
import zlib
from urllib.parse import parse_qsl

from cachetools import TTLCache
from jinja2 import Environment, FileSystemLoader

import entry_shared
from entry_shared import ECHO_LIMIT, answers, arguments
from entry_shared.answers import Refused, delay, user
from entry_shared.asyncpg_pool import Database, Unavailable
from entry_shared.database import CACHE_S, draw_ids, draw_numbers, with_additional

UNAVAILABLE = "the database does not answer"

cache: TTLCache[int, int] = TTLCache(maxsize=arguments.ROWS, ttl=CACHE_S)
templates = Environment(
    loader=FileSystemLoader(entry_shared.TEMPLATES), autoescape=True, auto_reload=False
)
page = templates.get_template("fortunes.html")


def message() -> dict:
    return {"message": "Hello, World!"}


def search(query: bytes) -> dict:
    return answers.search(first(query, "q"), first(query, "limit"))


async def echo(pieces):
    content = bytearray()
    async for piece in pieces:
        # What is too long is read to its end: an answer beside unread input would be lost.
        if len(content) <= ECHO_LIMIT:
            content += piece
    return answers.echo(content)


async def upload(pieces) -> dict:
    length, checksum = 0, 0
    async for piece in pieces:
        length += len(piece)
        checksum = zlib.crc32(piece, checksum)
    return {"bytes": length, "crc32": f"{checksum:08x}"}


async def single(database: Database) -> dict:
    [row] = await answered(database.worlds(draw_ids(1)))
    return world(*row)


async def queries(database: Database, query: bytes) -> list[dict]:
    rows = await answered(database.worlds(draw_ids(count(query))))
    return [world(*row) for row in rows]


async def updates(database: Database, query: bytes) -> list[dict]:
    ids = draw_ids(count(query))
    numbers = draw_numbers(ids)
    await answered(database.update(ids, numbers))
    return [world(row, numbers[row]) for row in ids]


async def cached_queries(database: Database, query: bytes) -> list[dict]:
    ids = draw_ids(count(query))
    known = {row: cache[row] for row in ids if row in cache}
    missing = [row for row in dict.fromkeys(ids) if row not in known]
    if missing:
        read = dict(await answered(database.worlds(missing)))
        cache.update(read)
        known |= read
    return [world(row, known[row]) for row in ids]


async def fortunes(database: Database) -> str:
    rows = await answered(database.fortunes())
    return page.render(fortunes=with_additional(rows))


def world(row: int, number: int) -> dict[str, int]:
    return {"id": row, "randomNumber": number}


def count(query: bytes) -> int:
    return arguments.queries(first(query, "queries"))


def first(query: bytes, name: str) -> str | None:
    """The first parameter of this name, decoded: frameworks give the last."""
    pairs = parse_qsl(query.decode("latin-1"), keep_blank_values=True)
    return next((value for key, value in pairs if key == name), None)


async def answered(asked):
    try:
        return await asked
    except (Unavailable, asyncio.TimeoutError) as error:
        raise Refused(503, UNAVAILABLE) from error
