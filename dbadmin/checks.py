"""System checks: every fleet is configured as it must be, and its registry is right. Nothing starts otherwise."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

from dbadmin.errors import RegistryError
from dbadmin.fleets import all_fleets

_KEYS = {"root", "pattern", "registry"}


@register(Tags.compatibility)
def fleets_are_configured(**_: Any) -> list[CheckMessage]:
    """FLEETS says what each fleet needs, its pattern has three parts, and its registry can be used."""
    found: list[CheckMessage] = [
        Error(
            f"FLEETS[{name!r}] has {', '.join(sorted(configured)) or 'nothing'}.",
            hint=f"It takes {', '.join(sorted(_KEYS))}.",
            id="dbadmin.E001",
        )
        for name, configured in settings.FLEETS.items()
        if set(configured) != _KEYS
    ]
    return found or [*_wrong_patterns(), *_wrong_registries()]


def _wrong_patterns() -> list[CheckMessage]:
    return [
        Error(
            f"The fleet {fleet.name!r} has the pattern {fleet.pattern!r}.",
            hint="It has three parts, of the shard's folder, the id's folder, and the file's name: */*/captions.db.",
            id="dbadmin.E002",
        )
        for fleet in all_fleets()
        if fleet.pattern.count("/") != 2 or not fleet.file_name or set("*?[") & set(fleet.file_name)  # noqa: PLR2004
    ]


def _wrong_registries() -> list[CheckMessage]:
    found: list[CheckMessage] = []
    for fleet in all_fleets():
        try:
            _ = fleet.registry
        except RegistryError as error:
            hint = "Correct it; docs/architecture.md says what a schema registry is."
            found.append(
                Error(f"The registry of the fleet {fleet.name!r} is wrong: {error}", hint=hint, id="dbadmin.E003")
            )
    return found
