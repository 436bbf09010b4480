"""System checks: what is wrong with the settings, and how to mend it. Nothing starts while one of them is an error."""

import os
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register  # noqa: A004 - Django's own name

from nisam import environment

SMALLEST_POOL = 4


@register(Tags.compatibility)
def environment_is_readable(**_: Any) -> list[CheckMessage]:
    """Every variable that was given a value nobody can use."""
    return [
        Error(
            f"{problem.variable}={problem.value!r} cannot be used.",
            hint=f"It takes {problem.accepts}. Correct it in the environment or in .env, or unset it for the default.",
            id="nisam.E001",
        )
        for problem in environment.problems
    ]


@register(Tags.database)
def pool_has_room(**_: Any) -> list[CheckMessage]:
    """A pool of the web process that what builds public answers would take whole."""
    if settings.DATABASE_POOL_SIZE == 0 or settings.DATABASE_POOL_SIZE >= SMALLEST_POOL:
        return []
    return [
        Error(
            f"NISAM_DATABASE_POOL_SIZE={settings.DATABASE_POOL_SIZE} is too few connections for a web process.",
            hint=f"Half of them build public answers, one reads versions: set {SMALLEST_POOL} or more, or unset it.",
            id="nisam.E002",
        )
    ]


@register(Tags.security)
def production_has_what_it_shares(**_: Any) -> list[CheckMessage]:
    """With a database of its own on several machines, what the machines must share has to be given."""
    if not settings.DATABASE_URL.startswith("postgres"):
        return []
    found: list[CheckMessage] = []
    if not settings.REDIS_URL:
        found.append(
            Warning(
                "DATABASE_URL is set but REDIS_URL is not: no worker will be woken.",
                hint="Set REDIS_URL=redis://host:6379/0, or unset both for the embedded default.",
                id="nisam.W001",
            )
        )
    if not os.environ.get("NISAM_SECRET_KEY"):
        found.append(
            Warning(
                "DATABASE_URL is set but NISAM_SECRET_KEY is not: every machine makes a key of its own.",
                hint="Set the same long random NISAM_SECRET_KEY everywhere, or logins fail on the next machine.",
                id="nisam.W002",
            )
        )
    return found
