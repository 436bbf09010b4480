"""Times that come from PostgreSQL."""

from datetime import UTC, datetime

import pytest
from django.db import DataError, connection

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="only PostgreSQL has its own loader of times"),
]


def _read(time: str) -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT CAST(%s AS timestamptz)", [time])
        return cursor.fetchone()[0]  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2026-01-26T17:59:56Z", datetime(2026, 1, 26, 17, 59, 56, tzinfo=UTC)),
        ("2026-01-26T17:59:56.12+05:30", datetime(2026, 1, 26, 12, 29, 56, 120000, tzinfo=UTC)),
        ("0001-01-01T00:00:00Z", datetime(1, 1, 1, tzinfo=UTC)),
        ("9999-12-31T23:59:59.999999Z", datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)),
    ],
)
def test_a_time_comes_back_in_utc_to_the_microsecond(text: str, time: datetime) -> None:
    assert (_read(text), _read(text).tzinfo) == (time, UTC)


def test_a_time_that_no_datetime_can_hold_is_refused() -> None:
    with pytest.raises(DataError, match="too large"):
        _read("infinity")
