"""Starts FasterAPI under the contract."""

import importlib.metadata
import json
import pathlib
import sys

FOLDER = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER.parent / "_shared/python"))

from fasterapi import App

from entry_shared import arguments
from entry_shared.settings import Settings


def main() -> None:
    if "--version" in sys.argv[1:]:
        print(f"fasterapi {importlib.metadata.version('fasterapi')}")
        return
    settings = Settings.from_environment()
    app = App(host=settings.host, port=settings.port)
    route(app)
    app.run()


def route(app) -> None:
    @app.get("/plaintext")
    def plaintext(_request, response):
        return text(response, 200, "Hello, World!")

    @app.get("/json")
    def message(_request, _response):
        return {"message": "Hello, World!"}

    @app.get("/users/{segment}")
    def user(request, response):
        number = arguments.user_id(request.path_params["segment"])
        if number is None:
            return text(response, 400, "an id is a whole number from 1 to 2^53-1")
        return {"id": number, "name": f"user-{number}"}

    @app.get("/search")
    def search(request, response):
        query = request.query_params.get("q", "")
        if not query:
            return text(response, 400, "q is missing or empty")
        return {"query": query, "limit": arguments.limit(request.query_params.get("limit"))}

    @app.post("/echo")
    def echo(request, response):
        try:
            return request.json()
        except (ValueError, json.JSONDecodeError):
            return text(response, 400, "the body is not JSON")


def text(response, status: int, body: str) -> str:
    response.status(status)
    response.set_header("Content-Type", "text/plain")
    return body


if __name__ == "__main__":
    main()
