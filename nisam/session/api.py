"""The session of a browser. Every answer is private; every POST needs the CSRF token, that of the login too.

A frontend asks GET /api/auth/session first: it sets the cookie `csrftoken`, which goes back in the header X-CSRFToken.
So no other site can log a visitor in as somebody else. The login changes the token.
"""

import unicodedata
from typing import Any

from django.contrib.auth import authenticate, login, logout
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, User
from django.middleware.csrf import get_token
from drf_spectacular.utils import extend_schema
from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from nisam.lib import params
from nisam.lib.schema import errors
from nisam.lib.throttles import WindowThrottle, address
from nisam.session.serializers import CredentialsSerializer, SessionSerializer

_WINDOW = 300


class CheckedSession(SessionAuthentication):
    """The session of a browser, whose writes are checked against forgery for those who are not logged in, too."""

    def authenticate(self, request: Request) -> tuple[Any, None] | None:
        """The user of the session. Raises PermissionDenied for a write without its CSRF token."""
        self.enforce_csrf(request)
        return super().authenticate(request)

    def authenticate_header(self, request: Request) -> str:
        """What makes a failed login a 401."""
        return "Session"


class GuessesOfOneName(WindowThrottle):
    """Ten logins as one user from one address in five minutes."""

    name, allowed, seconds = "login", 10, _WINDOW

    def caller(self, request: Request) -> str:
        """The address and the name."""
        body = request.data
        return f"{address(request)} {body.get('username') if isinstance(body, dict) else ''}"


class GuessesOfManyNames(WindowThrottle):
    """A hundred logins from one address in five minutes, whoever they are for."""

    name, allowed, seconds = "logins", 100, _WINDOW

    def caller(self, request: Request) -> str:
        """The address."""
        return address(request)


class SessionPart(APIView):
    """What the three endpoints have in common."""

    authentication_classes = [CheckedSession]
    permission_classes = [AllowAny]


class Session(SessionPart):
    """GET /api/auth/session."""

    @extend_schema(responses=SessionSerializer)
    def get(self, request: Request) -> Response:
        """Who is logged in; sets the CSRF cookie."""
        params.refuse_unknown(request, ())
        get_token(request)
        return Response(shown(request.user))


class Login(SessionPart):
    """POST /api/auth/login."""

    throttle_classes = [GuessesOfManyNames, GuessesOfOneName]

    @extend_schema(request=CredentialsSerializer, responses={200: SessionSerializer, **errors(401)})
    def post(self, request: Request) -> Response:
        """Log in; 401 in the same words whatever was wrong."""
        body = CredentialsSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        # As Django's own forms read a name.
        username = unicodedata.normalize("NFKC", body.validated_data["username"])
        user = authenticate(request, username=username, password=body.validated_data["password"])
        if user is None:
            raise AuthenticationFailed("No user has this name and this password.", code="WRONG_CREDENTIALS")
        login(request, user)
        return Response(shown(user))


class Logout(SessionPart):
    """POST /api/auth/logout."""

    @extend_schema(request=None, responses=SessionSerializer)
    def post(self, request: Request) -> Response:
        """Log out; does nothing to somebody who is not logged in."""
        logout(request)
        return Response(shown(request.user))


def shown(user: AbstractBaseUser | AnonymousUser) -> dict[str, Any]:
    """A user in the API's names: `role` is admin, staff or user, and null for nobody."""
    if not isinstance(user, User):
        return {"isAuthenticated": False, "username": None, "role": None, "userId": None}
    role = "admin" if user.is_superuser else "staff" if user.is_staff else "user"
    return {"isAuthenticated": True, "username": user.username, "role": role, "userId": str(user.pk)}
