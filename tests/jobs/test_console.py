"""A job on a terminal."""

import io
import time

import pytest
from rich.console import Console

from nisam.jobs.console import LOOK_SECONDS, Reading, shown
from tests.builders import make_job


@pytest.mark.django_db(transaction=True)
def test_a_name_that_looks_like_markup_is_shown_as_it_is() -> None:
    written = io.StringIO()
    with shown(make_job("tab:a").pk, Console(file=written, force_terminal=True), read=lambda _: Reading("[/b]", 1, 2)):
        time.sleep(3 * LOOK_SECONDS)
    assert "[/b]" in written.getvalue()
