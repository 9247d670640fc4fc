"""What the endpoints answer, without Robyn."""

import asyncio
import pathlib
import sys
import unittest

FOLDER = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(FOLDER), str(FOLDER.parent / "_shared/python")]

import answers
from answers import Refused


class Query:
    """As Robyn shows a query: split, in the order of values, and still encoded."""

    def __init__(self, text: str) -> None:
        self._values: dict[str, list[str]] = {}
        for pair in filter(None, text.split("&")):
            name, _, value = pair.partition("=")
            self._values.setdefault(name, []).append(value)

    def get_all(self, name: str) -> list[str] | None:
        return self._values.get(name)


class Answers(unittest.TestCase):
    def refused(self, status: int, ask, *arguments) -> None:
        with self.assertRaises(Refused) as caught:
            ask(*arguments)
        self.assertEqual(caught.exception.status, status, arguments)

    def test_queries_are_decoded_and_the_first_value_counts(self):
        for query, wanted in (
            ("q=a%20b+c&limit=7", {"query": "a b c", "limit": 7}),
            ("q=%C3%A9&q=other", {"query": "\u00e9", "limit": 10}),
            ("limit=+5&q=x", {"query": "x", "limit": 10}),
            ("limit=%2B5&q=x", {"query": "x", "limit": 5}),
            ("q=x&limit=999", {"query": "x", "limit": 100}),
        ):
            self.assertEqual(answers.search(Query(query)), wanted, query)
        for query in ("", "q=", "limit=3"):
            self.refused(400, answers.search, Query(query))
        self.assertEqual(answers.count(Query("queries=7&queries=9")), 7)
        self.assertEqual(answers.count(Query("queries=x")), 1)

    def test_users(self):
        self.assertEqual(answers.user("12"), {"id": 12, "name": "user-12"})
        for segment in ("0", "-1", "x", "1.0", "9007199254740992"):
            self.refused(400, answers.user, segment)

    def test_echo_takes_json_and_nothing_else(self):
        self.assertEqual(answers.echo('{"a":[1,2]}'), {"a": [1, 2]})
        self.assertEqual(answers.echo(b'"\xc3\xa9"'), "\u00e9")
        for body in ("", "{", "NaN", b"\xff", "[" * 100_000):
            self.refused(400, answers.echo, body)
        self.refused(413, answers.echo, '"' + "x" * (1 << 20) + '"')

    def test_delays(self):
        self.assertEqual(asyncio.run(answers.delay("3")), {"delayed_ms": 3})
        for segment in ("-1", "10001", "x"):
            self.refused(400, lambda it: asyncio.run(answers.delay(it)), segment)


if __name__ == "__main__":
    unittest.main()
