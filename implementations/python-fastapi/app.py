"""The contract's endpoints as a FastAPI application."""

import asyncio
import json
import os
import time
import zlib
from contextlib import asynccontextmanager

from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from starlette.requests import ClientDisconnect

import rows
from entry_shared import ECHO_LIMIT, arguments
from entry_shared.asyncpg_pool import Database
from entry_shared.settings import Settings
from entry_shared.static_files import Catalogue, decide

READ = ["GET", "HEAD"]

settings = Settings.from_environment()
catalogue = Catalogue(settings.static_dir)


@asynccontextmanager
async def lifespan(app: FastAPI):
    app.state.database = Database.of(settings, int(os.environ["FASTAPI_WORKERS"]))
    yield
    if app.state.database:
        app.state.database.close()


app = FastAPI(
    lifespan=lifespan,
    docs_url=None,
    redoc_url=None,
    openapi_url=None,
    redirect_slashes=False,
)
if settings.database_url:
    app.include_router(rows.router)


@app.exception_handler(HTTPException)
async def refuse(_request: Request, error: HTTPException) -> Response:
    return PlainTextResponse(str(error.detail), error.status_code, error.headers)


@app.api_route("/plaintext", methods=READ)
async def plaintext() -> Response:
    return PlainTextResponse("Hello, World!")


@app.api_route("/json", methods=READ)
async def json_message() -> Response:
    return JSONResponse({"message": "Hello, World!"})


@app.api_route("/users/{segment}", methods=READ)
async def user(segment: str) -> Response:
    number = arguments.user_id(segment)
    if number is None:
        raise HTTPException(400, "an id is a whole number from 1 to 2^53-1")
    return JSONResponse({"id": number, "name": f"user-{number}"})


@app.api_route("/search", methods=READ)
async def search(request: Request) -> Response:
    # By hand: of a repeated parameter the first counts, and FastAPI takes the last.
    query = first(request, "q")
    if not query:
        raise HTTPException(400, "q is missing or empty")
    return JSONResponse({"query": query, "limit": arguments.limit(first(request, "limit"))})


@app.api_route("/delay/{segment}", methods=READ)
async def delay(segment: str) -> Response:
    milliseconds = arguments.delay_ms(segment)
    if milliseconds is None:
        raise HTTPException(400, "a delay is a whole number from 0 to 10000")
    due = time.monotonic() + milliseconds / 1000
    # uvloop counts from when its round of events began, so that a busy one wakes too early.
    while (rest := due - time.monotonic()) > 0:
        await asyncio.sleep(rest)
    return JSONResponse({"delayed_ms": milliseconds})


@app.post("/echo")
async def echo(request: Request) -> Response:
    content = bytearray()
    async for piece in request.stream():
        content += piece
        if len(content) > ECHO_LIMIT:
            raise HTTPException(413, "the body is longer than 1 MiB", {"Connection": "close"})
    try:
        value = json.loads(content.decode(), parse_constant=refuse_constant)
        return JSONResponse(value)
    except (ValueError, RecursionError):
        raise HTTPException(400, "the body is not JSON") from None


@app.post("/upload")
async def upload(request: Request) -> Response:
    length, checksum = 0, 0
    try:
        async for piece in request.stream():
            length += len(piece)
            checksum = zlib.crc32(piece, checksum)
    except ClientDisconnect:
        raise HTTPException(400, "the body ended early") from None
    return JSONResponse({"bytes": length, "crc32": f"{checksum:08x}"})


@app.api_route("/static/{segment}", methods=READ)
async def static_file(request: Request) -> Response:
    # The raw path: the framework's own decoding would take an encoded slash for a separator.
    raw = request.scope["raw_path"].decode("ascii", "replace")
    file = catalogue.find(raw.removeprefix("/static/"))
    if file is None:
        raise HTTPException(404, "not found")
    names = set(request.headers.keys())
    fields = {name: ", ".join(request.headers.getlist(name)) for name in names}
    decision = decide(file, request.method, fields)
    response = Response(decision.content, decision.status)
    for name, value in decision.fields:
        response.headers[name] = value
    return response


def first(request: Request, name: str) -> str | None:
    return next((value for key, value in request.query_params.multi_items() if key == name), None)


def refuse_constant(constant: str):
    raise ValueError(f"{constant} is no JSON (RFC 8259 section 6)")
