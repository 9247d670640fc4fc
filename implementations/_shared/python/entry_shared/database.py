"""What is asked of the database, and what is drawn for it. No client, no connection."""

import random

from .arguments import ROWS

DEADLINE_S = 1.7
"""How long a request may wait for its rows; the contract answers within 2 s."""
RECONNECT_S = 0.5
"""Between attempts to reach a database that is away; the contract has 1 s."""
CACHE_S = 60
"""How old a row of /cached-queries may be."""

SELECT_WORLD = "SELECT id, randomnumber FROM world WHERE id = $1"
SELECT_FORTUNES = "SELECT id, message FROM fortune"
UPDATE_WORLDS = (
    "UPDATE world SET randomnumber = new.number"
    " FROM unnest($1::int[], $2::int[]) AS new(id, number) WHERE world.id = new.id"
)
SETTINGS = {"plan_cache_mode": "force_generic_plan"}
"""A custom plan for many ids is a hash join, which locks the rows in another order than a nested
loop does: two requests of different sizes could then block each other."""


def draw_ids(count: int) -> list[int]:
    return [random.randint(1, ROWS) for _ in range(count)]


def draw_numbers(ids: list[int]) -> dict[int, int]:
    """A new number for each row, by ascending id. A row that was drawn twice gets one number, so
    that what is answered is what is in the table."""
    return {row: random.randint(1, ROWS) for row in sorted(set(ids))}


def with_additional(fortunes: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """The rows and the one that every request adds, sorted by message (by code points)."""
    added = (0, "Additional fortune added at request time.")
    return sorted([*fortunes, added], key=lambda fortune: fortune[1])
