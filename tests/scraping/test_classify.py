"""What a status and its headers mean."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from scraping.classify import LONGEST_WAIT, classify
from scraping.errors import RateLimitedError


@pytest.mark.parametrize(
    ("header", "wait"),
    [
        ("120", timedelta(minutes=2)),
        ("Mon, 26 Jan 2026 19:00:00 GMT", timedelta(hours=1)),
        ("9" * 30, LONGEST_WAIT),
        ("soon", RateLimitedError.default_retry_after),
        ("²", RateLimitedError.default_retry_after),
    ],
)
def test_what_a_host_asks_for_is_understood(header: str, wait: timedelta, clock: Callable[[str], Any]) -> None:
    clock("2026-01-26T18:00:00Z")
    assert classify("", 429, header).retry_after == wait
