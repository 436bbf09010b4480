"""What the benchmarks work on: tables, channels and jobs of the scratch database, and generated lists."""

import os
import platform
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path

from django.apps import apps
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import connection

from benchmarks.database import CannotRunError
from benchmarks.instance import HOST
from channels import follow
from channels.models import Channel, ChannelTab
from nisam.jobs.models import Job
from scraping.door import Door
from scraping.sources.choose import source_for
from scraping.sources.source import Page
from tests.builders import make_channel, make_tab

RECORDINGS = Path(__file__).resolve().parents[2] / "shared" / "recordings"
OUR_APPS = ("jobs", "channels", "videos", "scraping", "dbadmin")


def migrate() -> None:
    """Give the scratch database its tables."""
    call_command("migrate", verbosity=0)


def describe() -> str:
    """The machine and the database, for the first line of a report."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SHOW server_version")
            database = f"PostgreSQL {cursor.fetchone()[0].split()[0]}"
    else:
        database = f"SQLite {sqlite3.sqlite_version}"
    return f"{database}, Python {platform.python_version()}, {os.cpu_count()} cores"


def empty_database() -> None:
    """Empty the tables of our apps."""
    tables = [model._meta.db_table for label in OUR_APPS for model in apps.get_app_config(label).get_models()]  # noqa: SLF001 - Django's documented Meta API
    connection.ops.execute_sql_flush(connection.ops.sql_flush(no_style(), tables, allow_cascade=True))


def settle() -> None:
    """Clear away old versions of rows and let the planner know what is there, as a server does by itself in time."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM")
        cursor.execute("ANALYZE")


def scenarios() -> Path:
    """The recorded scenarios that generated lists are derived from; what replays them becomes importable."""
    if not RECORDINGS.is_dir():
        raise CannotRunError(f"The lists are derived from a recording, and the recordings are not at {RECORDINGS}.")
    if str(RECORDINGS) not in sys.path:
        sys.path.append(str(RECORDINGS))
    return RECORDINGS / "scenarios"


def make_channels(number: int, platform: str = "youtube") -> list[Channel]:
    """Resolved channels with a list of videos each, read by nobody yet."""
    made = [_peertube_channel(place) if platform == "peertube" else make_channel() for place in range(number)]
    for channel in made:
        make_tab(channel)
    return made


def _peertube_channel(place: int) -> Channel:
    name = f"channel{place}"
    return make_channel(platform="peertube", external_id=f"{name}@{HOST}", url=f"https://{HOST}/c/{name}")


def make_scan(number: int, platform: str = "youtube") -> Job:
    """A job that waits: a first full pass over so many new channels."""
    return follow.scan(make_channels(number, platform), requested_by="benchmark", full=True, wake_workers=False).job


def tell_names() -> None:
    """Let every channel be known as its list says, as it is after it was resolved; somebody must answer for them."""
    for tab in ChannelTab.objects.select_related("channel"):
        identity = next(pages_of(tab)).identity
        assert identity
        follow.describe(tab.channel, identity)
        tab.channel.save()


def pages_of(tab: ChannelTab) -> Iterator[Page]:
    """The pages of a list, as a source yields them to a job."""
    return source_for(tab.channel.platform, Door()).pages(tab.url, tab.kind, None, lambda _in_hand: None)
