"""The pool without a database: `python3 -m unittest` in this folder."""

import pathlib
import sys
import threading
import time
import types
import unittest
from unittest import mock

FOLDER = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(FOLDER), str(FOLDER.parent / "_shared/python")]

WAIT_S = 60
"""Only what never comes waits so long."""


class Connection:
    def __init__(self) -> None:
        self.closed = False

    def close(self) -> None:
        self.closed = True


class Server:
    """What psycopg.connect reaches: it refuses while it is down, and counts."""

    def __init__(self) -> None:
        self.up = threading.Event()
        self.up.set()
        self.opened: list[Connection] = []
        self.refused = threading.Semaphore(0)

    def connect(self, *_arguments, **_options) -> Connection:
        if not self.up.is_set():
            self.refused.release()
            raise psycopg.Error
        self.opened.append(Connection())
        return self.opened[-1]

    def open_connections(self) -> int:
        return sum(not connection.closed for connection in self.opened)


# The pool's own rules are tested, so psycopg need not be installed.
psycopg = types.SimpleNamespace(Error=type("Error", (Exception,), {}), RawCursor=object, Connection=Connection)
with mock.patch.dict(sys.modules, psycopg=psycopg):
    import pool
    from pool import Pool, Unavailable


class PoolTest(unittest.TestCase):
    def setUp(self) -> None:
        self.server = Server()
        psycopg.connect = self.server.connect
        self.enterContext(mock.patch.object(pool, "RECONNECT_S", 0))

    def test_who_waits_comes_before_who_has_just_had_one(self):
        one = Pool("url", 1)
        got, done = threading.Event(), threading.Event()

        def wait():
            with one.connection(WAIT_S):
                got.set()
                done.wait(WAIT_S)

        waiting = threading.Thread(target=wait)
        with one.connection(WAIT_S):
            waiting.start()
            deadline = time.monotonic() + WAIT_S
            while not one._waiting and time.monotonic() < deadline:
                time.sleep(0.001)
        with self.assertRaises(Unavailable), one.connection(0):
            pass
        self.assertTrue(got.wait(WAIT_S))
        done.set()
        waiting.join()
        with one.connection(WAIT_S):
            pass

    def test_who_has_waited_too_long_leaves_the_connection_to_others(self):
        one = Pool("url", 1)
        with one.connection(WAIT_S):
            with self.assertRaises(Unavailable), one.connection(0.001):
                pass
        with one.connection(WAIT_S):
            pass

    def test_a_connection_is_used_again(self):
        one = Pool("url", 1)
        with one.connection(WAIT_S) as first:
            pass
        with one.connection(WAIT_S) as second:
            self.assertIs(first, second)
        self.assertEqual(len(self.server.opened), 1)

    def test_there_are_never_more_than_its_size(self):
        one = Pool("url", 2)
        with one.connection(WAIT_S) as first, one.connection(WAIT_S) as second:
            self.assertIsNot(first, second)
            with self.assertRaises(Unavailable):
                with one.connection(0.01):
                    self.fail("a third connection of two")
        self.assertEqual(self.server.open_connections(), 2)

    def test_a_connection_that_failed_is_replaced_by_one(self):
        one = Pool("url", 1)
        with self.assertRaises(KeyError):
            with one.connection(WAIT_S) as broken:
                raise KeyError
        self.assertTrue(broken.closed)
        with one.connection(WAIT_S) as fresh:
            self.assertIsNot(fresh, broken)
            self.assertEqual(self.server.open_connections(), 1)

    def test_it_goes_on_trying_while_the_database_is_away(self):
        self.server.up.clear()
        one = Pool("url", 1)
        for _ in range(3):
            self.assertTrue(self.server.refused.acquire(timeout=WAIT_S))
        with self.assertRaises(Unavailable):
            with one.connection(0.01):
                self.fail("a connection to nowhere")
        self.server.up.set()
        with one.connection(WAIT_S) as connection:
            self.assertFalse(connection.closed)


if __name__ == "__main__":
    unittest.main()
