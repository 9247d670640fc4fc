"""What the endpoints with rows answer."""

import asyncio
import json

from cachetools import TTLCache
from jinja2 import Environment, FileSystemLoader
from robyn import Headers, Request, Response

import entry_shared
from answers import Refused, count
from entry_shared import arguments
from entry_shared.asyncpg_pool import Database, Unavailable
from entry_shared.database import CACHE_S, draw_ids, draw_numbers, with_additional

cache: TTLCache[int, int] = TTLCache(maxsize=arguments.ROWS, ttl=CACHE_S)
templates = Environment(
    loader=FileSystemLoader(entry_shared.TEMPLATES), autoescape=True, auto_reload=False
)
page = templates.get_template("fortunes.html")


def handler(offer, answer):
    async def rows(request: Request) -> Response:
        try:
            if offer.database is None:
                raise Unavailable
            kind, body = await answer(offer.database, request.query_params)
        except (Unavailable, asyncio.TimeoutError):
            raise Refused(503, "the database does not answer") from None
        return Response(200, Headers({"content-type": kind}), body)

    return rows


def as_json(value) -> tuple[str, str]:
    return "application/json", json.dumps(value)


def world(row: int, number: int) -> dict[str, int]:
    return {"id": row, "randomNumber": number}


async def single(database: Database, _query):
    [row] = await database.worlds(draw_ids(1))
    return as_json(world(*row))


async def queries(database: Database, query):
    return as_json([world(*row) for row in await database.worlds(draw_ids(count(query)))])


async def updates(database: Database, query):
    ids = draw_ids(count(query))
    numbers = draw_numbers(ids)
    await database.update(ids, numbers)
    return as_json([world(row, numbers[row]) for row in ids])


async def cached_queries(database: Database, query):
    ids = draw_ids(count(query))
    known = {row: cache[row] for row in ids if row in cache}
    missing = [row for row in dict.fromkeys(ids) if row not in known]
    if missing:
        read = dict(await database.worlds(missing))
        cache.update(read)
        known |= read
    return as_json([world(row, known[row]) for row in ids])


async def fortunes(database: Database, _query):
    rows = with_additional(await database.fortunes())
    return "text/html; charset=utf-8", page.render(fortunes=rows)


ANSWERS = {
    "/db": single,
    "/queries": queries,
    "/updates": updates,
    "/cached-queries": cached_queries,
    "/fortunes": fortunes,
}
