"""The endpoints with a database."""

import asyncio

from cachetools import TTLCache
from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response
from jinja2 import Environment, FileSystemLoader

import entry_shared
from entry_shared import arguments
from entry_shared.asyncpg_pool import Unavailable
from entry_shared.database import CACHE_S, draw_ids, draw_numbers, with_additional

READ = ["GET", "HEAD"]

router = APIRouter()
cache: TTLCache[int, int] = TTLCache(maxsize=arguments.ROWS, ttl=CACHE_S)
templates = Environment(
    loader=FileSystemLoader(entry_shared.TEMPLATES), autoescape=True, auto_reload=False
)
page = templates.get_template("fortunes.html")


@router.api_route("/db", methods=READ)
async def single(request: Request) -> Response:
    [row] = await fetched(request, draw_ids(1))
    return JSONResponse(world(*row))


@router.api_route("/queries", methods=READ)
async def queries(request: Request) -> Response:
    rows = await fetched(request, draw_ids(count(request)))
    return JSONResponse([world(*row) for row in rows])


@router.api_route("/updates", methods=READ)
async def updates(request: Request) -> Response:
    ids = draw_ids(count(request))
    numbers = draw_numbers(ids)
    await answered(request, lambda database: database.update(ids, numbers))
    return JSONResponse([world(row, numbers[row]) for row in ids])


@router.api_route("/cached-queries", methods=READ)
async def cached_queries(request: Request) -> Response:
    ids = draw_ids(count(request))
    known = {row: cache[row] for row in ids if row in cache}
    missing = [row for row in dict.fromkeys(ids) if row not in known]
    if missing:
        read = dict(await fetched(request, missing))
        cache.update(read)
        known |= read
    return JSONResponse([world(row, known[row]) for row in ids])


@router.api_route("/fortunes", methods=READ)
async def fortunes(request: Request) -> Response:
    rows = await answered(request, lambda database: database.fortunes())
    return HTMLResponse(page.render(fortunes=with_additional(rows)))


def world(row: int, number: int) -> dict[str, int]:
    return {"id": row, "randomNumber": number}


def count(request: Request) -> int:
    found = (value for key, value in request.query_params.multi_items() if key == "queries")
    return arguments.queries(next(found, None))


async def fetched(request: Request, ids: list[int]) -> list[tuple[int, int]]:
    return await answered(request, lambda database: database.worlds(ids))


async def answered(request: Request, ask):
    try:
        return await ask(request.app.state.database)
    except (Unavailable, asyncio.TimeoutError) as error:
        raise HTTPException(503, "the database does not answer", {"Retry-After": "1"}) from error
