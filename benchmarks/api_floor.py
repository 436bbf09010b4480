"""The floor of a first page that is built: the same SQL through psycopg alone, its rows written by orjson."""

import time
from collections.abc import Callable

import orjson
import psycopg
from psycopg.rows import dict_row

from nisam.lib.params import DEFAULT_LIMIT
from videos.api.catalogue import VideoList
from videos.orders import NEWEST


def first_page(url: str) -> Callable[[], float]:
    """What builds the first page of the newest videos over a connection of its own; it returns the milliseconds."""
    connection = psycopg.connect(url, autocommit=True, row_factory=dict_row)
    # One row more than is shown, as the list reads it: that there is a next page.
    videos = VideoList.queryset
    rows = videos.order_by(*NEWEST.names(videos))[: DEFAULT_LIMIT + 1]
    statement, parameters = rows.query.sql_with_params()

    def build() -> float:
        began = time.perf_counter()
        orjson.dumps(connection.execute(statement.encode(), parameters).fetchall())
        return 1000 * (time.perf_counter() - began)

    return build
