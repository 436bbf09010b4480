"""What every test of the command needs."""

from typing import Any

import pytest


@pytest.fixture(autouse=True)
def without_a_broker(settings: Any) -> None:
    settings.REDIS_URL = ""
