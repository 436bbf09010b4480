"""manage.py fleet as somebody at a terminal uses it."""

import io
import json
from typing import Any

import pytest
from django.core.management import CommandError, call_command


def fleet_command(*arguments: str) -> str:
    """What the command prints."""
    out = io.StringIO()
    call_command("fleet", *arguments, stdout=out, stderr=out)
    return out.getvalue()


def as_json(*arguments: str) -> Any:
    return json.loads(fleet_command(*arguments, "--json"))


def exit_code(*arguments: str) -> int:
    with pytest.raises(CommandError) as error:
        fleet_command(*arguments)
    return error.value.returncode
