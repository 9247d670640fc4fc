"""The endpoints with a database."""

import threading

from cachetools import TTLCache
from flask import Blueprint, Response, jsonify, request
from jinja2 import Environment, FileSystemLoader

import entry_shared
from database import Database, Unavailable
from entry_shared import arguments
from entry_shared.database import CACHE_S, draw_ids, draw_numbers, with_additional


def blueprint(database: Database) -> Blueprint:
    endpoints = Blueprint("rows", __name__)
    cache: TTLCache[int, int] = TTLCache(maxsize=arguments.ROWS, ttl=CACHE_S)
    lock = threading.Lock()
    templates = Environment(
        loader=FileSystemLoader(entry_shared.TEMPLATES), autoescape=True, auto_reload=False
    )
    page = templates.get_template("fortunes.html")

    @endpoints.get("/db")
    def single():
        [row] = database.worlds(draw_ids(1))
        return jsonify(world(*row))

    @endpoints.get("/queries")
    def queries():
        return jsonify([world(*row) for row in database.worlds(draw_ids(count()))])

    @endpoints.get("/updates")
    def updates():
        ids = draw_ids(count())
        numbers = draw_numbers(ids)
        database.update(ids, numbers)
        return jsonify([world(row, numbers[row]) for row in ids])

    @endpoints.get("/cached-queries")
    def cached_queries():
        ids = draw_ids(count())
        with lock:
            known = {row: cache[row] for row in ids if row in cache}
        missing = [row for row in dict.fromkeys(ids) if row not in known]
        if missing:
            read = dict(database.worlds(missing))
            with lock:
                cache.update(read)
            known |= read
        return jsonify([world(row, known[row]) for row in ids])

    @endpoints.get("/fortunes")
    def fortunes():
        rows = page.render(fortunes=with_additional(database.fortunes()))
        return Response(rows, mimetype="text/html")

    @endpoints.errorhandler(Unavailable)
    def unavailable(_error):
        # Not abort: an exception in the handler of another one is answered 500.
        return Response("the database does not answer", 503, mimetype="text/plain")

    return endpoints


def world(row: int, number: int) -> dict[str, int]:
    return {"id": row, "randomNumber": number}


def count() -> int:
    return arguments.queries(request.args.get("queries"))
