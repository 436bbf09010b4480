"""Noticing that a platform's layout broke: fields that its lists always carried are suddenly missing everywhere."""

from collections.abc import Sequence

from django.utils import timezone

from channels.models import ChannelTab
from scraping import errors
from scraping.models import Coverage
from videos.ingest import Entry

WATCHED = ("title", "thumbnail_url", "duration_seconds", "view_count", "published_at")
# A list this short says little about the layout.
ENOUGH_ENTRIES = 10
# So many lists make what is usual; before that nothing is compared.
ENOUGH_LISTS = 20
# A field that so few entries ever carried cannot be missed, and a fall this deep is no accident of one channel.
USUALLY_THERE = 0.8
DEEP_FALL = 0.4
# Weights of one list in the two exponential averages.
SAME = 0.005
USUAL_WEIGHT, RECENT_WEIGHT = 0.005, 0.2


def watch(tab: ChannelTab, entries: Sequence[Entry]) -> list[str]:
    """Take a list's first page into account; returns the fields that are missing as never before, newly noticed.

    Raises LayoutChangedError while the source is broken, so that nothing of it is written. It recovers by itself
    when the fields are back. Two statements, one when all is as ever.
    """
    if len(entries) < ENOUGH_ENTRIES:
        return []
    source = f"{tab.channel.platform}/{tab.kind}"
    known = {row.field: row for row in Coverage.objects.filter(source=source)}
    shares = {field: _share(entries, field) for field in WATCHED}
    if len(known) == len(WATCHED) and all(_is_as_ever(known[field], share) for field, share in shares.items()):
        return []
    rows = [_updated(known.get(field), source, field, share) for field, share in shares.items()]
    Coverage.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["source", "field"],
        update_fields=["usual", "recent", "lists", "broken_at"],
    )
    return [row.field for row in rows if row.broken_at]


def broken(fields: Sequence[str], tab: ChannelTab) -> errors.LayoutChangedError:
    """The error that stops what is read from a source whose `fields` are missing."""
    words = ", ".join(name.replace("_", " ") for name in fields)
    return errors.LayoutChangedError(
        f"The lists of {tab.channel.platform} ({tab.kind}) suddenly lack: {words}. Its layout seems to have changed, "
        "so nothing is written until the fields are back or an operator accepts the new layout (admin, Coverage)."
    )


def _share(entries: Sequence[Entry], field: str) -> float:
    return sum(getattr(entry, field) not in ("", None) for entry in entries) / len(entries)


def _is_as_ever(row: Coverage, share: float) -> bool:
    """Whether a list shows nothing that would move the averages."""
    same = max(abs(share - row.usual), abs(share - row.recent)) < SAME
    return same and row.lists > ENOUGH_LISTS and row.broken_at is None


def _updated(row: Coverage | None, source: str, field: str, share: float) -> Coverage:
    if row is None:
        return Coverage(source=source, field=field, usual=share, recent=share, lists=1)
    row.lists += 1
    row.recent += RECENT_WEIGHT * (share - row.recent)
    fallen = row.usual >= USUALLY_THERE and row.usual - row.recent >= DEEP_FALL
    if row.lists > ENOUGH_LISTS and fallen:
        row.broken_at = row.broken_at or timezone.now()
    else:
        row.broken_at = None
        weight = USUAL_WEIGHT if row.lists > ENOUGH_LISTS else 1 / row.lists
        row.usual += weight * (share - row.usual)
    return row
