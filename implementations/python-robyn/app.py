"""The contract's endpoints as a Robyn application."""

import json

import multiprocess
from robyn import Headers, HttpMethod, Request, Response, Robyn

import answers
import rows
from answers import Refused
from ending import Flight
from host import is_host
from entry_shared.asyncpg_pool import Database
from entry_shared.settings import Settings, share_of_pool
from entry_shared.static_files import Catalogue, decide

READ = (HttpMethod.GET, HttpMethod.HEAD)
WRITE = (HttpMethod.POST,)
OTHERS = (
    HttpMethod.GET,
    HttpMethod.HEAD,
    HttpMethod.POST,
    HttpMethod.PUT,
    HttpMethod.DELETE,
    HttpMethod.PATCH,
    HttpMethod.OPTIONS,
    HttpMethod.TRACE,
)


def create_app(settings: Settings, processes: int) -> Robyn:
    app = Robyn(__file__)
    app.set_response_header("server", "robyn")
    catalogue = Catalogue(settings.static_dir)
    offer = Offer(settings, processes)
    if settings.database_url:
        app.startup_handler(offer.open)

    def route(methods, path: str, answer) -> None:
        for method in methods:
            app.add_route(method, path, handler_of(answer))
        refused = refuse_other(", ".join(str(method).rsplit(".", 1)[-1] for method in methods))
        for method in OTHERS:
            if method not in methods:
                app.add_route(method, path, handler_of(refused))

    route(READ, "/plaintext", plaintext)
    route(READ, "/json", json_message)
    route(READ, "/users/:segment", user)
    route(READ, "/search", search)
    route(READ, "/delay/:segment", delay)
    route(WRITE, "/echo", echo)
    route(READ, "/static/:segment", lambda request: static_file(catalogue, request))
    if settings.database_url:
        for path, answer in rows.ANSWERS.items():
            route(READ, path, rows.handler(offer, answer))
    return app


class Offer:
    """The share of the database that this process has; opened when its event loop runs."""

    def __init__(self, settings: Settings, processes: int) -> None:
        self._settings = settings
        self._processes = processes
        self.database: Database | None = None

    async def open(self) -> None:
        # Worker processes are numbered from 1; with one, there is none beside the first.
        identity = multiprocess.current_process()._identity
        worker = (identity[0] - 1) % self._processes if identity else 0
        share = share_of_pool(self._settings.database_pool, self._processes, worker)
        self.database = Database(self._settings.database_url, share)


def handler_of(answer):
    async def handler(request: Request) -> Response:
        with Flight():
            try:
                check(request)
                return await answer(request)
            except Refused as refused:
                return text(refused.status, str(refused))

    return handler


def check(request: Request) -> None:
    """What Robyn leaves open: a path that ends with a slash is the same to it, and any Host will do."""
    if request.url.path.endswith("/"):
        raise Refused(404, "not found")
    hosts = [value for name, value in request.headers.multi_items() if name.lower() == "host"]
    if len(hosts) != 1 or not is_host(hosts[0]):
        raise Refused(400, "a request has one valid Host field")


def refuse_other(allowed: str):
    async def refuse(_request: Request) -> Response:
        response = text(405, "method not allowed")
        response.headers.set("allow", allowed)
        return response

    return refuse


def text(status: int, body: str) -> Response:
    return Response(status, Headers({"content-type": "text/plain; charset=utf-8"}), body)


def as_json(value) -> Response:
    # Serialised for each request, by the standard library.
    return Response(200, Headers({"content-type": "application/json"}), json.dumps(value))


async def plaintext(_request: Request) -> Response:
    return text(200, "Hello, World!")


async def json_message(_request: Request) -> Response:
    return as_json({"message": "Hello, World!"})


async def user(request: Request) -> Response:
    return as_json(answers.user(request.path_params["segment"]))


async def search(request: Request) -> Response:
    return as_json(answers.search(request.query_params))


async def delay(request: Request) -> Response:
    return as_json(await answers.delay(request.path_params["segment"]))


async def echo(request: Request) -> Response:
    return as_json(answers.echo(request.body))


async def static_file(catalogue: Catalogue, request: Request) -> Response:
    file = catalogue.find(request.path_params["segment"])
    if file is None:
        raise Refused(404, "not found")
    fields: dict[str, str] = {}
    for name, value in request.headers.multi_items():
        fields[name] = f"{fields[name]}, {value}" if name in fields else value
    decision = decide(file, request.method, fields)
    return Response(decision.status, Headers(dict(decision.fields)), decision.content)
