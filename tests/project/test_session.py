"""Logging in and out over REST."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client

from nisam.session.api import GuessesOfManyNames, GuessesOfOneName

pytestmark = pytest.mark.django_db

NOBODY = {"isAuthenticated": False, "username": None, "role": None, "userId": None}


@pytest.fixture(autouse=True)
def counted_from_zero() -> None:
    cache.clear()


@pytest.fixture
def anna() -> User:
    return User.objects.create_user("anna", password="secret")


def login(client: Client, username: Any = "anna", password: Any = "secret", **headers: str) -> Any:
    body = {"username": username, "password": password}
    return client.post("/api/auth/login", body, content_type="application/json", headers=headers)


def test_who_logs_in_is_known_until_the_logout(client: Client, anna: User) -> None:
    somebody = {"isAuthenticated": True, "username": "anna", "role": "user", "userId": str(anna.pk)}
    assert client.get("/api/auth/session").json() == NOBODY
    assert login(client).json() == somebody
    assert client.get("/api/auth/session").json() == somebody
    assert client.post("/api/auth/logout", content_type="application/json").json() == NOBODY
    assert client.get("/api/auth/session").json() == NOBODY


@pytest.mark.parametrize(
    ("fields", "role"), [({"is_staff": True}, "staff"), ({"is_staff": True, "is_superuser": True}, "admin")]
)
def test_the_role_is_told(fields: dict[str, Any], role: str, client: Client) -> None:
    User.objects.create_user("anna", password="secret", **fields)
    assert login(client).json()["role"] == role


def test_a_wrong_login_is_a_401_in_the_same_words_whatever_was_wrong(client: Client, anna: User) -> None:
    User.objects.create_user("gone", password="secret", is_active=False)
    answers = login(client, password="wrong"), login(client, "nobody"), login(client, "gone")
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.content for answer in answers}) == 1
    assert answers[0].json()["code"] == "WRONG_CREDENTIALS"


def test_a_login_gives_the_session_a_new_key(client: Client, anna: User) -> None:
    before = client.session
    before["basket"] = "full"
    before.save()
    login(client)
    assert client.session["basket"] == "full"
    assert client.session.session_key != before.session_key


def test_a_login_needs_the_csrf_token_that_the_session_tells(anna: User) -> None:
    client = Client(enforce_csrf_checks=True)
    refused = login(client)
    assert (refused.status_code, refused.json()["code"]) == (403, "FORBIDDEN")
    client.get("/api/auth/session")
    assert login(client, **{"X-CSRFToken": client.cookies["csrftoken"].value}).status_code == 200


def test_a_login_from_another_site_is_refused(anna: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.get("/api/auth/session")
    headers = {"X-CSRFToken": client.cookies["csrftoken"].value, "Origin": "https://evil.example"}
    assert login(client, **headers).status_code == 403


def test_a_logout_needs_the_csrf_token(anna: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(anna)
    assert client.post("/api/auth/logout", content_type="application/json").status_code == 403
    assert client.get("/api/auth/session").json()["isAuthenticated"] is True


def test_the_session_is_kept_by_nobody(client: Client, anna: User) -> None:
    answers = client.get("/api/auth/session"), login(client), login(client, password="wrong")
    assert {answer["Cache-Control"] for answer in answers} == {"private, no-store"}


def test_guessing_one_name_ends_after_some_tries_and_others_may_log_in(
    client: Client, anna: User, clock: Callable[[str], Any]
) -> None:
    time = clock("2026-01-26T18:01:00Z")
    for _ in range(GuessesOfOneName.allowed):
        assert login(client, password="wrong").status_code == 401
    refused = login(client)
    assert (refused.status_code, refused["Retry-After"]) == (429, "240")
    assert login(client, "bert").status_code == 401
    assert Client(REMOTE_ADDR="203.0.113.7").get("/api/auth/session").status_code == 200
    assert login(Client(REMOTE_ADDR="203.0.113.7")).status_code == 200
    time.shift(240)
    assert login(client).status_code == 200


def test_guessing_many_names_ends_too(
    client: Client, monkeypatch: pytest.MonkeyPatch, clock: Callable[[str], Any]
) -> None:
    clock("2026-01-26T18:00:00Z")
    monkeypatch.setattr(GuessesOfManyNames, "allowed", 3)
    assert [login(client, f"user{number}").status_code for number in range(4)] == [401, 401, 401, 429]


def test_the_addresses_of_one_ipv6_network_guess_together(
    monkeypatch: pytest.MonkeyPatch, clock: Callable[[str], Any]
) -> None:
    clock("2026-01-26T18:00:00Z")
    monkeypatch.setattr(GuessesOfOneName, "allowed", 1)
    addresses = "2001:db8::1", "2001:db8::2:3", "2001:db8:0:1::1", "::ffff:203.0.113.1", "::ffff:203.0.113.2"
    answers = [login(Client(REMOTE_ADDR=address)).status_code for address in addresses]
    assert answers == [401, 429, 401, 401, 401]


def test_guesses_are_counted_while_redis_is_away(client: Client, settings: Any, clock: Callable[[str], Any]) -> None:
    clock("2026-01-26T18:00:00Z")
    cache_away = {"BACKEND": "django_redis.cache.RedisCache", "LOCATION": "redis://127.0.0.1:1/0"}
    settings.CACHES = {"default": cache_away}
    answers = [login(client, "nobody at all").status_code for _ in range(GuessesOfOneName.allowed + 1)]
    assert answers == [401] * GuessesOfOneName.allowed + [429]


@pytest.mark.parametrize("field", ["username", "password"])
@pytest.mark.parametrize("value", [None, "", 5.5, [], {}, "a\x00b", "x" * 5000])
def test_credentials_of_another_form_are_refused(field: str, value: Any, client: Client, anna: User) -> None:
    answer = login(client, **{field: value})
    assert answer.status_code in {400, 401}
    assert answer.json()["code"] in {"BAD_REQUEST", "WRONG_CREDENTIALS"}


@pytest.mark.parametrize("body", ["{", "[]", "null", '"anna"', '{"username": "\\ud800", "password": "x"}'])
def test_a_body_that_is_no_login_is_a_400(body: str, client: Client) -> None:
    assert client.post("/api/auth/login", body, content_type="application/json").status_code == 400


def test_a_wrong_method_is_a_405(client: Client) -> None:
    assert client.get("/api/auth/login").status_code == 405
