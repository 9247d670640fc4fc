"""The contract's endpoints as a Starlette application."""

from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

import answers
from answers import Refused
from entry_shared.asyncpg_pool import Database
from entry_shared.settings import Settings
from entry_shared.static_files import Catalogue, decide
from frame import Frame

settings = Settings.from_environment()
catalogue = Catalogue(settings.static_dir)


@asynccontextmanager
async def lifespan(application: Starlette):
    application.state.database = Database.of(settings, settings.workers)
    yield
    if application.state.database:
        application.state.database.close()


async def plaintext(_request: Request) -> Response:
    return PlainTextResponse("Hello, World!")


async def json_message(_request: Request) -> Response:
    return JSONResponse(answers.message())


async def user(request: Request) -> Response:
    return JSONResponse(answers.user(request.path_params["segment"]))


async def search(request: Request) -> Response:
    return JSONResponse(answers.search(request.scope["query_string"]))


async def delay(request: Request) -> Response:
    return JSONResponse(await answers.delay(request.path_params["segment"]))


async def echo(request: Request) -> Response:
    return JSONResponse(await answers.echo(request.stream()))


async def upload(request: Request) -> Response:
    return JSONResponse(await answers.upload(request.stream()))


async def static_file(request: Request) -> Response:
    # The raw path: the framework's own decoding would take an encoded slash for a separator.
    raw = request.scope["raw_path"].decode("ascii", "replace")
    file = catalogue.find(raw.removeprefix("/static/"))
    if file is None:
        raise Refused(404, "not found")
    names = set(request.headers.keys())
    fields = {name: ", ".join(request.headers.getlist(name)) for name in names}
    decision = decide(file, request.method, fields)
    response = Response(decision.content, decision.status)
    for name, value in decision.fields:
        response.headers[name] = value
    return response


async def single(request: Request) -> Response:
    return JSONResponse(await answers.single(request.app.state.database))


async def fortunes(request: Request) -> Response:
    return HTMLResponse(await answers.fortunes(request.app.state.database))


def rows(answer):
    async def handler(request: Request) -> Response:
        query = request.scope["query_string"]
        return JSONResponse(await answer(request.app.state.database, query))

    return handler


async def refuse(_request: Request, error: Refused) -> Response:
    return PlainTextResponse(error.text, error.status)


async def incomplete(_request: Request, _error: ClientDisconnect) -> Response:
    return PlainTextResponse("the body ended early", 400)


# Starlette adds HEAD to GET.
routes = [
    Route("/plaintext", plaintext),
    Route("/json", json_message),
    Route("/users/{segment}", user),
    Route("/search", search),
    Route("/delay/{segment}", delay),
    Route("/static/{segment}", static_file),
    Route("/echo", echo, methods=["POST"]),
    Route("/upload", upload, methods=["POST"]),
]
if settings.database_url:
    routes += [
        Route("/db", single),
        Route("/queries", rows(answers.queries)),
        Route("/updates", rows(answers.updates)),
        Route("/cached-queries", rows(answers.cached_queries)),
        Route("/fortunes", fortunes),
    ]
application = Starlette(
    routes=routes,
    lifespan=lifespan,
    exception_handlers={Refused: refuse, ClientDisconnect: incomplete},
)
application.router.redirect_slashes = False
app = Frame(application)
