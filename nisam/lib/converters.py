"""Parts of paths that views take as parameters."""

from django.urls import register_converter


class Key:
    """An id or a slug: any text without slashes, and without NUL, which no database could look for."""

    regex = r"[^/\x00]+"

    def to_python(self, value: str) -> str:
        """As it stands."""
        return value

    def to_url(self, value: str) -> str:
        """As it stands."""
        return value


class Words(Key):
    """The same with slashes."""

    regex = r"[^\x00]+"


register_converter(Key, "key")
register_converter(Words, "words")
