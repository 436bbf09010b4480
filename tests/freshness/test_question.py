"""A statement that the event loop asks PostgreSQL without a thread."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from psycopg import OperationalError

from nisam.freshness.postgresql.question import Question, Rows

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite is asked in a thread"),
]


@pytest.fixture
def line() -> Iterator[Any]:
    """A connection that nobody else uses."""
    other = connection.copy()
    other.ensure_connection()
    yield other.connection
    other.close()


def ask(question: Question) -> Rows:
    return asyncio.run(asyncio.wait_for(question.ask(), timeout=10))


def test_each_time_it_is_answered_as_it_is_then(line: Any) -> None:
    question = Question(line, "SELECT token FROM freshness_version WHERE \"group\" = 'asked'")
    answers = []
    for token in ("one", "two"):
        with connection.cursor() as cursor:
            cursor.execute(
                'INSERT INTO freshness_version ("group", token) VALUES (%s, %s)'
                ' ON CONFLICT ("group") DO UPDATE SET token = excluded.token',
                ["asked", token],
            )
        answers.append(ask(question))
    assert answers == [[("one",)], [("two",)]]


def test_an_answer_that_comes_in_parts_is_whole(line: Any) -> None:
    rows = ask(Question(line, "SELECT number, repeat('x', 1000000) FROM generate_series(1, 5) AS number"))
    assert [(number, len(text)) for number, text in rows] == [(str(number), 1_000_000) for number in range(1, 6)]


def test_a_statement_that_fails_raises(line: Any) -> None:
    question = Question(line, "SELECT 1 / 0")
    with pytest.raises(OperationalError, match="division by zero"):
        ask(question)


def test_a_connection_that_was_lost_raises_each_time(line: Any) -> None:
    question = Question(line, "SELECT 1")
    ask(question)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [line.info.backend_pid])
    for _ in range(2):
        with pytest.raises(OperationalError):
            ask(question)
