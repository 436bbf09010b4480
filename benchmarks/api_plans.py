"""How PostgreSQL answers a request: the plans of all statements that the view makes for it."""

import json
from collections.abc import Iterator
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

LARGE = 50_000


def plan(path: str) -> tuple[set[str], set[str]]:
    """The indexes that answer this path, and the large tables of which every row is read.

    Raises RuntimeError when the view refuses it.
    """
    with CaptureQueriesContext(connection) as captured:
        response = Client(headers={"host": "localhost"}).get(path)
    if response.status_code != 200:
        raise RuntimeError(f"{path}: {response.status_code} {response.content[:200]!r}")
    indexes, scanned = set(), set()
    for statement in (query["sql"] for query in captured.captured_queries if query["sql"].startswith("SELECT")):
        for node in _nodes(_explain(statement)):
            if name := node.get("Index Name"):
                indexes.add(name)
            if node["Node Type"].endswith("Seq Scan") and node["Relation Name"] in _large_tables():
                scanned.add(node["Relation Name"])
    return indexes, scanned


def _explain(statement: str) -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {statement}")
        (found,) = cursor.fetchone()
    whole: dict[str, Any] = (json.loads(found) if isinstance(found, str) else found)[0]["Plan"]
    return whole


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for below in node.get("Plans", []):
        yield from _nodes(below)


def _large_tables() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relkind = 'r' AND reltuples > %s", [LARGE])
        return {name for (name,) in cursor.fetchall()}
