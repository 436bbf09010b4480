"""What is wrong is refused in the API's form, whatever it is and whoever notices it."""

import base64
import logging
from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import path
from rest_framework.response import Response
from rest_framework.views import APIView

from nisam import urls
from nisam.lib.keyset import Place
from tests.builders import make_channel, make_entry
from tests.processes import free_port
from videos.ingest import ingest
from videos.models import Video

pytestmark = pytest.mark.django_db

LISTS = ["/api/videos", "/api/shorts", "/api/channels", "/api/categories", "/api/tags", "/api/tags/stats"]
SORTED = ["/api/videos", "/api/channels"]
SEARCHED = ["/api/videos", "/api/channels", "/api/tags", "/api/tags/stats"]
WITH_KEYS = ["/api/videos/{}", "/api/videos/{}/similar", "/api/channels/{}", "/api/categories/{}"]
REACTIONS = ["/api/videos/{}/view", "/api/videos/{}/like"]
OTHERS = ["/api/videos/hero", "/api/videos/carousels", "/api/schema/", "/api/docs/", "/api/auth/session"]
NOWHERE = "00000000-0000-0000-0000-000000000000"
LONG = "ä" * 10_000

UNKNOWN = ["/api", "/api/", "/api/nothing", "/api/videos/", "/api/videos//", "/api/automation/jobs/x"]
NUMBERS = ["-1", "0.5", "1e9", "1000000000", "9" * 5000, "", " ", "ten", "²", "٣", "0x10", "null", "1\x00"]
CURSORS = [
    *("x", "AAAA", "\x00", "é", LONG, "W10", "e30", "bnVsbA", "////", "W1tdXQ"),
    Place("publishDate", "yesterday", NOWHERE).encode(),
    Place("publishDate", "2026-01-01T00:00:00Z", "no id").encode(),
    Place("name", "a\x00b", NOWHERE).encode(),
    Place("name", {"a": []}, NOWHERE).encode(),
    Place("name", None, NOWHERE).encode(),
    Place("views", 2**63 - 1, "no id").encode(),
    base64.urlsafe_b64encode(b'["count", 1%s, "1", 0]' % (b"0" * 30)).decode().rstrip("="),
    Place("views", 2.5, NOWHERE).encode(),
]
MOMENTS = [
    *("yesterday", "2026-13-01", "2026-02-30", "12:00", "\x00", LONG, "0", "-1"),
    *("2026-01-01T25:00:00Z", "99999-01-01", "2026-01-01T00:00:00+99:00"),
    *("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"),
]


@pytest.fixture(autouse=True)
def counted_from_zero() -> None:
    cache.clear()


@pytest.fixture
def outsider() -> Client:
    """A browser of another site, which has no CSRF token, and is told of errors as visitors are."""
    return Client(enforce_csrf_checks=True, raise_request_exception=False)


def refused(answer: Any, status: int, code: str | None = None) -> Any:
    """The body of an error, whose form is checked."""
    assert answer.status_code == status, (answer.request["PATH_INFO"], answer.request["QUERY_STRING"], answer.content)
    assert answer["Content-Type"] == "application/json"
    body = answer.json()
    assert set(body) == {"error", "code", "details"}
    assert body["error"].endswith(".")
    assert isinstance(body["details"], dict)
    assert body["code"] == code if code else body["code"].isupper(), body
    return body


def names(answer: Any, parameter: str) -> None:
    """The answer is a 400 that says which parameter it is about."""
    assert refused(answer, 400, "BAD_PARAMETER")["details"]["parameter"] == parameter


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize(
    ("parameter", "values"),
    [
        ("limit", [*NUMBERS, "0", "101"]),
        ("offset", [*NUMBERS, "10001"]),
        ("count", ["yes", "", "1", "TRUE", "\x00"]),
        ("cursor", CURSORS),
    ],
)
def test_a_page_takes_nothing_else(path: str, parameter: str, values: list[str], client: Client) -> None:
    for value in values:
        names(client.get(path, {parameter: value}), parameter)


@pytest.mark.parametrize("path", LISTS)
def test_an_unknown_parameter_is_refused(path: str, client: Client) -> None:
    for name in ("colour", "format", "page", "", "\x00", "limit[]", LONG):
        names(client.get(path, {name: "xml"}), name)


@pytest.mark.parametrize("path", OTHERS)
def test_what_is_no_list_refuses_unknown_parameters_too(path: str, client: Client) -> None:
    names(client.get(path, {"colour": "red"}), "colour")


@pytest.mark.parametrize("path", SORTED)
def test_an_unknown_sort_is_refused(path: str, client: Client) -> None:
    for value in ("best", "", "\x00", "-name", "name,videoCount", "NAME", LONG):
        names(client.get(path, {"sort": value}), "sort")


@pytest.mark.parametrize("path", SEARCHED)
def test_a_search_that_no_database_could_do_is_refused(path: str, client: Client) -> None:
    for value in ("\x00", "a\x00b", LONG):
        names(client.get(path, {"search": value}), "search")


@pytest.mark.parametrize("parameter", ["channelId", "categoryId"])
def test_what_is_no_id_is_refused(parameter: str, client: Client) -> None:
    for value in ("x", "1", "\x00", LONG, NOWHERE[:-1], "[]"):
        names(client.get("/api/videos", {parameter: value}), parameter)


@pytest.mark.parametrize("parameter", ["publishedAfter", "publishedBefore"])
def test_what_is_no_time_is_refused(parameter: str, client: Client) -> None:
    for value in MOMENTS:
        names(client.get("/api/videos", {parameter: value}), parameter)


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_the_first_and_the_last_day_can_be_asked_for(day: str, client: Client) -> None:
    assert client.get("/api/videos", {"publishedAfter": day, "publishedBefore": day}).json() == []


@pytest.mark.parametrize(
    ("path", "parameter"),
    [
        ("/api/videos", "platform"),
        ("/api/videos", "tagName"),
        ("/api/shorts", "platform"),
        ("/api/channels", "platform"),
    ],
)
@pytest.mark.parametrize("value", ["\x00", LONG])
def test_a_filter_has_a_longest_text_and_no_nul(path: str, parameter: str, value: str, client: Client) -> None:
    names(client.get(path, {parameter: value}), parameter)


@pytest.mark.parametrize("value", ["hero,", "hero,best", "\x00", LONG, ","])
def test_unknown_sections_are_refused(value: str, client: Client) -> None:
    names(client.get("/api/videos/carousels", {"sections": value}), "sections")


@pytest.mark.parametrize("path", WITH_KEYS)
def test_an_unknown_key_is_not_found(path: str, client: Client) -> None:
    for key in ("nothing", NOWHERE, "%00", "a%00b", "%FF%FE", "%ED%A0%80", "..%2F", "%0A", "' OR 1=1 --", "%" + LONG):
        refused(client.get(path.format(key)), 404, "NOT_FOUND")


@pytest.mark.parametrize(
    "path", ["/api", "/api/", "/api/nothing", "/api/videos/", "/api/videos//", "/api/automation/jobs/x"]
)
def test_an_unknown_path_is_not_found_whatever_the_method(path: str, outsider: Client) -> None:
    for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "BREW"):
        refused(outsider.generic(method, path), 404, "NOT_FOUND")


@pytest.mark.parametrize("path", [*LISTS, *OTHERS])
def test_a_wrong_method_is_refused(path: str, admin_client: Client) -> None:
    for method in ("PUT", "DELETE", "PATCH", "TRACE", "BREW"):
        answer = admin_client.generic(method, path)
        refused(answer, 405, "METHOD_NOT_ALLOWED")
        assert "GET" in answer["Allow"]


@pytest.mark.parametrize("path", ["/api/schema/", "/api/docs/"])
def test_a_form_that_we_do_not_have_is_refused(path: str, client: Client) -> None:
    for accept in ("text/plain", "image/png", "nonsense"):
        refused(client.get(path, headers={"accept": accept}), 406, "NOT_ACCEPTABLE")


@pytest.mark.parametrize("path", [*LISTS, "/api/videos/hero"])
def test_what_is_public_is_json_for_everybody_as_it_is_when_it_was_stored(path: str, client: Client) -> None:
    for headers in ({"accept": "text/html"}, {"authorization": "Token nonsense"}):
        answer = client.get(path, headers=headers)
        assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")


@pytest.fixture
def video() -> Video:
    ingest(make_channel(), [make_entry("a")])
    return Video.objects.get()


@pytest.mark.parametrize("path", ["/api/channels", "/api/auth/login", *REACTIONS])
def test_a_broken_body_is_refused(path: str, admin_client: Client, video: Video) -> None:
    for body in ("{", "[" * 100_000, '{"a": NaN}', '"\\ud800"', b"\xff\xfe", b"{\x00}", "{'url': 1}"):
        answer = admin_client.post(path.format(video.pk), body, content_type="application/json")
        refused(answer, 400, "BAD_REQUEST")


@pytest.mark.parametrize("path", ["/api/channels", "/api/auth/login", *REACTIONS])
def test_a_body_that_is_too_large_is_refused(path: str, admin_client: Client, video: Video, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    answer = admin_client.post(path.format(video.pk), f'"{"a" * 1000}"', content_type="application/json")
    assert "1000 bytes" in refused(answer, 400)["error"]


@pytest.mark.parametrize("path", ["/api/channels", "/api/auth/login", *REACTIONS])
def test_a_body_of_another_type_is_refused(path: str, admin_client: Client, video: Video) -> None:
    for media_type in ("text/plain", "multipart/form-data", "multipart/form-data; boundary=é", "nonsense"):
        answer = admin_client.post(path.format(video.pk), b"a=b", content_type=media_type)
        refused(answer, 415, "UNSUPPORTED_MEDIA_TYPE")


@pytest.mark.parametrize("media_type", ["multipart/form-data", "application/x-www-form-urlencoded", "application/json"])
@pytest.mark.parametrize("path", ["/api/channels", "/api/auth/login", "/api/auth/logout"])
def test_a_form_of_another_site_is_refused(path: str, media_type: str, outsider: Client, admin_user: User) -> None:
    outsider.force_login(admin_user)
    refused(outsider.post(path, b"a=b", content_type=media_type), 403, "FORBIDDEN")


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("isActive", ["true", 1, None, [], {}]),
        ("intervalMinutes", ["5", True, 0, 2.5, 2**31, 10**18, 1e300, {}, []]),
        ("name", [5, "", " ", "a\x00b", None, "x" * 301, []]),
    ],
)
def test_a_field_takes_no_other_values(field: str, values: list[Any], admin_client: Client) -> None:
    channel = make_channel()
    for value in values:
        body = refused(
            admin_client.patch(f"/api/channels/{channel.pk}", {field: value}, content_type="application/json"), 400
        )
        assert list(body["details"]) == [field]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/auth/login"), ("POST", "/api/channels"), ("PATCH", "/api/channels/{}"),
        ("POST", "/api/channels/{}/scrape"), ("POST", "/api/automation/jobs/start"), ("PATCH", "/api/scheduler"),
        ("POST", "/api/admin/databases/repair"), ("POST", "/api/admin/databases/lists"),
    ],
)  # fmt: skip
def test_an_unknown_key_of_a_body_is_refused_and_named(method: str, path: str, admin_client: Client) -> None:
    answer = admin_client.generic(
        method, path.format(make_channel().pk), '{"colour": "red"}', content_type="application/json"
    )
    details = refused(answer, 400, "BAD_REQUEST")["details"]
    assert [*details] == ["colour"]
    assert details["colour"][0].startswith("It is unknown here; there are ")


def test_a_body_takes_nothing_that_can_only_be_read(admin_client: Client) -> None:
    path = f"/api/channels/{make_channel().pk}"
    answer = admin_client.patch(path, {"slug": "another"}, content_type="application/json")
    assert refused(answer, 400)["details"] == {
        "slug": ["It cannot be written; there are name, isActive, intervalMinutes."]
    }


def test_a_body_that_is_no_object_is_refused(admin_client: Client) -> None:
    channel = make_channel()
    for body in ("[]", '"name"', "null", "5"):
        refused(admin_client.patch(f"/api/channels/{channel.pk}", body, content_type="application/json"), 400)


def test_a_thousand_parameters_are_refused(outsider: Client) -> None:
    query = "&".join(f"p{number}=1" for number in range(1001))
    refused(outsider.get(f"/api/videos?{query}"), 400, "BAD_REQUEST")


@pytest.mark.parametrize("host", ["evil.example", "", "a b", "x" * 300])
def test_an_unknown_host_is_refused(host: str, outsider: Client) -> None:
    refused(outsider.get("/api/channels", headers={"host": host}), 400, "BAD_REQUEST")


@pytest.mark.parametrize("token", ["", "x", "x y", "ä", LONG])
def test_a_wrong_token_is_refused(token: str, client: Client) -> None:
    answer = client.post(
        "/api/channels", {}, content_type="application/json", headers={"authorization": f"Token {token}"}
    )
    refused(answer, 401, "NOT_AUTHENTICATED")


@pytest.mark.parametrize("name", ["sessionid", "csrftoken", "nisam_visitor"])
def test_a_cookie_that_no_database_could_look_for_is_nobodys(name: str, outsider: Client, video: Video) -> None:
    nuls = r"\000" * 40
    headers = {"cookie": f'{name}="{nuls}"'}
    assert outsider.get("/api/auth/session", headers=headers).json()["isAuthenticated"] is False
    like = outsider.post(f"/api/videos/{video.pk}/like", content_type="application/json", headers=headers)
    assert like.status_code == 200


class Broken(APIView):
    permission_classes = ()

    def get(self, _: Any) -> Response:
        raise RuntimeError("of the test")


class Unwritable(APIView):
    permission_classes = ()

    def get(self, _: Any) -> Response:
        return Response({"number": 10**30})


def plain(_: HttpRequest) -> HttpResponse:
    raise RuntimeError("of the test")


class WithBroken:
    """The addresses of nisam, and some that fail."""

    handler500 = urls.handler500
    urlpatterns = [
        path("api/broken", Broken.as_view()),
        path("api/big", Unwritable.as_view()),
        path("broken", plain),
        *urls.urlpatterns,
    ]


@pytest.fixture
def broken() -> Iterator[None]:
    with override_settings(ROOT_URLCONF=WithBroken):
        yield


@pytest.mark.parametrize("path", ["/api/broken", "/api/big"])
def test_a_mistake_of_ours_is_told_in_the_same_form_and_logged(
    path: str, broken: None, outsider: Client, caplog: pytest.LogCaptureFixture
) -> None:
    body = refused(outsider.get(path), 500, "INTERNAL_ERROR")
    assert "RuntimeError" not in str(body)
    assert [record.exc_info is not None for record in caplog.records if record.levelno == logging.ERROR] == [True]


def test_a_mistake_elsewhere_is_a_page(broken: None, outsider: Client) -> None:
    assert outsider.get("/broken")["Content-Type"].startswith("text/html")


@pytest.fixture
def database_away(transactional_db: None) -> Iterator[None]:
    """Nobody answers where the database should be."""
    wrong = {"NAME": "/nowhere/database"} if connection.vendor == "sqlite" else {"PORT": str(free_port())}
    connection.close()
    with patch.dict(connection.settings_dict, wrong):
        yield
        connection.close()


@pytest.mark.parametrize("path", ["/api/automation/jobs", "/api/automation/jobs/active/stream"])
def test_a_database_that_is_away_is_worth_asking_again(path: str, database_away: None, outsider: Client) -> None:
    answer = outsider.get(path, headers={"Authorization": "Token unknown"})
    refused(answer, 503, "UNAVAILABLE")
    assert answer["Retry-After"] == "5"


def test_a_page_says_that_the_database_is_away(database_away: None, outsider: Client) -> None:
    answer = outsider.get("/")
    assert (answer.status_code, "cannot be used at present" in answer.content.decode()) == (503, True)
