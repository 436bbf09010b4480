"""Pages that lie beside the database file and count more than its own."""

from dataclasses import dataclass

WAL_SUFFIX = "-wal"
JOURNAL_SUFFIX = "-journal"


@dataclass(frozen=True, slots=True)
class Overlay:
    """Whole pages by number, and how many pages the database has with them."""

    page_size: int
    page_count: int
    pages: dict[int, bytes]
