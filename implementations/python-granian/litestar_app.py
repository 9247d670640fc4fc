"""The contract's endpoints as a Litestar application."""

from typing import Any

from litestar import HttpMethod, Litestar, MediaType, Request, Response, post, route
from litestar.datastructures import State
from litestar.exceptions import HTTPException
from litestar.serialization import encode_json

import answers
from answers import Refused
from entry_shared.asyncpg_pool import Database
from entry_shared.settings import Settings
from entry_shared.static_files import Catalogue, decide
from frame import Frame

READ = [HttpMethod.GET, HttpMethod.HEAD]

settings = Settings.from_environment()
catalogue = Catalogue(settings.static_dir)


async def open_database(application: Litestar) -> None:
    application.state.database = Database.of(settings, settings.workers)


async def close_database(application: Litestar) -> None:
    if application.state.database:
        application.state.database.close()


@route("/plaintext", http_method=READ, media_type=MediaType.TEXT)
async def plaintext() -> str:
    return "Hello, World!"


@route("/json", http_method=READ)
async def json_message() -> dict[str, str]:
    return answers.message()


@route("/users/{segment:str}", http_method=READ)
async def user(segment: str) -> dict[str, Any]:
    return answers.user(segment)


@route("/search", http_method=READ)
async def search(request: Request) -> dict[str, Any]:
    return answers.search(request.scope["query_string"])


@route("/delay/{segment:str}", http_method=READ)
async def delay(segment: str) -> dict[str, int]:
    return await answers.delay(segment)


@post("/echo", status_code=200)
async def echo(request: Request) -> Response:
    # Any value, already as JSON: a text would else be sent as it is.
    content = encode_json(await answers.echo(request.stream()))
    return Response(content, media_type=MediaType.JSON)


@post("/upload", status_code=200)
async def upload(request: Request) -> dict[str, Any]:
    return await answers.upload(request.stream())


@route("/static/{segment:str}", http_method=READ)
async def static_file(request: Request) -> Response:
    raw = request.scope["raw_path"].decode("ascii", "replace")
    file = catalogue.find(raw.removeprefix("/static/"))
    if file is None:
        raise Refused(404, "not found")
    names = set(request.headers.keys())
    fields = {name: ", ".join(request.headers.getall(name)) for name in names}
    decision = decide(file, request.method, fields)
    return Response(
        decision.content, status_code=decision.status, headers=dict(decision.fields), media_type=""
    )


@route("/db", http_method=READ)
async def single(state: State) -> dict[str, int]:
    return await answers.single(state.database)


@route("/queries", http_method=READ)
async def queries(state: State, request: Request) -> list[dict[str, int]]:
    return await answers.queries(state.database, request.scope["query_string"])


@route("/updates", http_method=READ)
async def updates(state: State, request: Request) -> list[dict[str, int]]:
    return await answers.updates(state.database, request.scope["query_string"])


@route("/cached-queries", http_method=READ)
async def cached_queries(state: State, request: Request) -> list[dict[str, int]]:
    return await answers.cached_queries(state.database, request.scope["query_string"])


@route("/fortunes", http_method=READ, media_type=MediaType.HTML)
async def fortunes(state: State) -> str:
    return await answers.fortunes(state.database)


def text(content: str, status: int, fields: dict[str, str] | None = None) -> Response:
    return Response(content, media_type=MediaType.TEXT, status_code=status, headers=fields)


def refuse(_request: Request, error: Refused) -> Response:
    return text(error.text, error.status)


def other(_request: Request, error: HTTPException) -> Response:
    # Litestar takes a body that breaks off for a fault of its own.
    status = 400 if "client disconnected" in error.detail else error.status_code
    return text(error.detail, status, error.headers)


handlers = [plaintext, json_message, user, search, delay, echo, upload, static_file]
if settings.database_url:
    handlers += [single, queries, updates, cached_queries, fortunes]
application = Litestar(
    handlers,
    on_startup=[open_database],
    on_shutdown=[close_database],
    openapi_config=None,
    logging_config=None,
    # /echo has its own limit, /upload none.
    request_max_body_size=None,
    exception_handlers={
        Refused: refuse,
        HTTPException: other,
    },
)
app = Frame(application)
