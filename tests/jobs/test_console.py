"""A job on a terminal."""

import io
import time

import pytest
from rich.console import Console

from nisam.jobs.console import LOOK_SECONDS, Reading, shown
from tests.builders import make_job

pytestmark = pytest.mark.django_db(transaction=True)


def written(reading: Reading, *, width: int = 80) -> str:
    """What a terminal is written while a job is as this reading says."""
    out = io.StringIO()
    console = Console(file=out, force_terminal=True, width=width, color_system=None)
    with shown(make_job("tab:a").pk, console, read=lambda _: reading):
        time.sleep(3 * LOOK_SECONDS)
    return out.getvalue()


def test_a_name_that_looks_like_markup_is_shown_as_it_is() -> None:
    assert "[/b]" in written(Reading("[/b]", "[/i]", 1, 2))


@pytest.mark.parametrize("width", [60, 80, 100])
def test_a_long_name_is_shortened_and_the_counts_never_are(width: int) -> None:
    outcome = "1234 repaired, 5 failed"
    reading = Reading("captions: 200 databases from " + 36 * "0", outcome, 1239, 23456)
    line = next(line for line in written(reading, width=width).splitlines() if "1239/23456" in line)
    assert f"… {outcome} " in line
    assert "capt" in line
