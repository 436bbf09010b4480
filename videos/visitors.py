"""Who a visitor is: a user who is logged in, else a random word in a signed cookie, set only when there is need."""

import secrets
from datetime import timedelta

from django.http import HttpResponseBase
from rest_framework.request import Request

COOKIE = "nisam_visitor"
_SALT = "videos.visitors"
_KEPT_FOR = timedelta(days=365)


def visitor_of(request: Request) -> str | None:
    """The visitor as a word of at most 40 characters; None for one who was never seen or whose cookie is forged."""
    if request.user.is_authenticated:
        return f"user:{request.user.pk}"
    known: str | None = request.get_signed_cookie(COOKIE, default=None, salt=_SALT, max_age=_KEPT_FOR)
    return known


def new_visitor() -> str:
    """A word for somebody who was never seen."""
    return secrets.token_hex(16)


def remember(request: Request, response: HttpResponseBase, visitor: str) -> None:
    """Keep the word of a visitor who is not logged in for a year from now."""
    if not request.user.is_authenticated:
        response.set_signed_cookie(
            COOKIE,
            visitor,
            salt=_SALT,
            max_age=_KEPT_FOR,
            secure=request.is_secure(),
            httponly=True,
            samesite="Lax",
        )
