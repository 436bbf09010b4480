"""Readable addresses of rows."""

import uuid

from django.utils.text import slugify


def unique_slug(name: str, row_id: uuid.UUID, fallback: str) -> str:
    """A readable slug that the row's id makes unique, so that no query has to look for a free one.

    48 bits of it: of ten thousand rows of one name ("#shorts") two begin with the same 32 bits in one of a hundred
    catalogues, and then a page of a scrape fails.
    """
    return f"{slugify(name, allow_unicode=True)[:80].strip('-') or fallback}-{row_id.hex[:12]}"
