"""Sessions in the database. SESSION_ENGINE."""

from typing import Any

from django.contrib.sessions.backends import db


class SessionStore(db.SessionStore):
    """Django's, which looks for no key that is none: a cookie may have a NUL, which PostgreSQL takes from nobody."""

    def _validate_session_key(self, key: Any) -> bool:
        return super()._validate_session_key(key) and key.isascii() and key.isalnum()  # type: ignore[no-any-return,misc]
