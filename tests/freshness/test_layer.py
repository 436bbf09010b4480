"""Public answers in front of Django: a real web process, asked over HTTP."""

import gzip
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import brotli
import pytest
import redis
import requests
from django.contrib.auth.models import User
from django.db import connection
from django_redis import get_redis_connection
from rest_framework.authtoken.models import Token

from channels.models import Channel
from nisam.freshness.models import Version
from nisam.freshness.signals import database_migrated
from nisam.supervisor.valkey import configure
from tests.builders import make_channel, make_entry
from tests.freshness.asking import ask, state, titles
from tests.processes import start_redis, start_web, until
from videos.ingest import ingest
from videos.models import Video


@pytest.fixture(scope="module")
def two_sites(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[tuple[str, str]]:
    """Two web processes that share a database and a Redis, for all tests of this file."""
    with django_db_blocker.unblock(), start_web() as one, start_web() as other:  # type: ignore[attr-defined]
        yield one, other


@pytest.fixture
def sites(two_sites: tuple[str, str], transactional_db: None) -> tuple[str, str]:
    """With a catalogue of one channel and thirty videos, never asked before."""
    ingest(make_channel(), [make_entry(f"v{number}", description="Some words. " * 20) for number in range(30)])
    return two_sites


@pytest.fixture
def web(sites: tuple[str, str]) -> str:
    """One of them."""
    return sites[0]


def test_a_second_answer_is_the_first_one_stored(web: str) -> None:
    first, second = ask(web), ask(web)
    assert (state(first), state(second)) == ("MISS", "HIT")
    assert first.content == second.content
    assert first.headers["ETag"] == second.headers["ETag"]


def test_an_answer_may_be_kept_by_all_who_ask_again(web: str) -> None:
    headers = ask(web).headers
    assert (headers["Cache-Control"], headers["Vary"]) == ("public, no-cache", "Accept-Encoding")
    assert "Set-Cookie" not in headers


def test_another_process_finds_what_one_has_stored(sites: tuple[str, str]) -> None:
    ask(sites[0])
    until(lambda: get_redis_connection("default").keys("nisam:pages:*=*"))
    assert state(ask(sites[1])) == "HIT"


def test_after_a_change_every_process_shows_it(sites: tuple[str, str]) -> None:
    for site in sites:
        ask(site)
    Video.objects.update(title="changed")
    answers = [ask(site) for site in sites]
    assert [set(titles(answer)) for answer in answers] == [{"changed"}, {"changed"}]
    assert state(answers[0]) == "MISS"


def test_a_change_of_other_content_leaves_answers_alone(web: str) -> None:
    ask(web)
    Channel.objects.update(error_message="too slow", last_scraped_at=Channel.objects.get().created_at)
    assert state(ask(web)) == "HIT"


def test_a_change_of_parameters_order_is_no_other_question(web: str) -> None:
    ask(web, "/api/videos?limit=3&kind=video")
    assert state(ask(web, "/api/videos?kind=video&limit=3")) == "HIT"


def test_every_parameter_tells_answers_apart(web: str) -> None:
    assert [len(titles(ask(web, f"/api/videos?limit={limit}"))) for limit in (3, 4, 3)] == [3, 4, 3]


def test_who_knows_the_answer_is_told_so_without_a_body(web: str) -> None:
    tag = ask(web).headers["ETag"]
    again = ask(web, If_None_Match=tag)
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", tag)


def test_who_knows_it_is_told_so_even_when_nobody_has_the_answer(web: str) -> None:
    tag = ask(web).headers["ETag"]
    get_redis_connection("default").flushdb()
    with start_web() as new:
        again = ask(new, Host=web.removeprefix("http://"), If_None_Match=f'"other", W/{tag}')
    assert again.status_code == 304


def test_who_knows_an_older_answer_gets_the_new_one(web: str) -> None:
    tag = ask(web).headers["ETag"]
    Video.objects.update(title="changed")
    assert set(titles(ask(web, If_None_Match=tag))) == {"changed"}


@pytest.mark.parametrize(("encoding", "unpack"), [("gzip", gzip.decompress), ("br", brotli.decompress)])
def test_a_stored_answer_comes_compressed(web: str, encoding: str, unpack: object) -> None:
    plain = ask(web)

    def compressed() -> bool:
        return ask(web, Accept_Encoding=encoding).headers.get("Content-Encoding") == encoding

    until(compressed)
    with requests.get(f"{web}/api/videos", headers={"Accept-Encoding": encoding}, stream=True, timeout=5) as answer:
        packed = answer.raw.read(decode_content=False)
        tag = answer.headers["ETag"]
    assert unpack(packed) == plain.content  # type: ignore[operator]
    assert tag != plain.headers["ETag"]
    assert ask(web, If_None_Match=tag).status_code == 304


def test_an_encoding_that_is_refused_is_not_sent(web: str) -> None:
    ask(web)
    until(lambda: "Content-Encoding" in ask(web, Accept_Encoding="br").headers)
    assert "Content-Encoding" not in ask(web, Accept_Encoding="br;q=0, gzip;q=0").headers


def test_a_head_request_gets_the_headers_alone(web: str) -> None:
    for expected in ("MISS", "HIT"):
        answer = requests.head(f"{web}/api/videos", headers={"Accept-Encoding": "identity"}, timeout=5)
        assert (state(answer), answer.content) == (expected, b"")
        assert int(answer.headers["Content-Length"]) > 1000


@pytest.mark.parametrize(
    ("path", "status"),
    [("/api/videos?kind=x", 400), ("/api/videos?what=1", 400), ("/api/videos/nothing", 404), ("/api/nothing", 404)],
)
def test_an_error_is_never_stored(web: str, path: str, status: int) -> None:
    answers = [ask(web, path) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [status, status]
    assert all(answer.headers.get("X-Cache") != "HIT" for answer in answers)
    assert answers[1].headers["Cache-Control"] == "private, no-store"
    assert answers[1].json()["error"]


def test_what_only_staff_may_see_is_never_stored(web: str) -> None:
    hidden = make_channel(external_id=None)
    token = Token.objects.create(user=User.objects.create(username="staff", is_staff=True))
    path = f"/api/channels/{hidden.pk}"
    assert ask(web, path, Authorization=f"Token {token.key}").status_code == 200
    assert ask(web, path).status_code == 404


def test_a_hundred_who_ask_together_after_a_change_let_it_be_built_once(sites: tuple[str, str]) -> None:
    for site in sites:
        ask(site, "/api/videos/carousels")
    Video.objects.update(title="changed")
    with ThreadPoolExecutor(100) as threads:
        states = list(threads.map(lambda n: state(ask(sites[n % 2], "/api/videos/carousels")), range(100)))
    assert states.count("MISS") == 1
    assert states.count("HIT") == 99


def test_the_answers_of_old_versions_leave_redis(web: str) -> None:
    stored = get_redis_connection("default")
    ask(web)
    until(lambda: stored.keys("nisam:pages:*:videos=*"))
    Video.objects.update(title="changed")
    assert stored.keys("nisam:pages:*:videos=*") == []


def test_a_version_that_was_lost_comes_back_as_another(web: str) -> None:
    tag = ask(web).headers["ETag"]
    Version.objects.all().delete()
    answer = ask(web, If_None_Match=tag)
    assert answer.status_code == 200
    assert answer.headers["ETag"] != tag


def test_a_flushed_redis_makes_no_answer_wrong(sites: tuple[str, str]) -> None:
    ask(sites[0])
    get_redis_connection("default").flushdb()
    Video.objects.update(title="changed")
    assert [set(titles(ask(site))) for site in sites] == [{"changed"}, {"changed"}]


def test_without_redis_answers_are_right_and_say_so_and_with_it_again_none_is_stale(
    transactional_db: None, tmp_path: Path
) -> None:
    ingest(make_channel(), [make_entry("a", title="first")])
    server = configure(tmp_path / "valkey")
    with start_redis(server):
        before = redis.Redis.from_url(server.url)
        with start_web(REDIS_URL=server.url) as web:
            assert [state(ask(web)) for _ in range(2)] == ["MISS", "HIT"]
            until(lambda: before.keys("nisam:pages:*:videos=*"))
            before.config_set("appendonly", "no")
            before.shutdown(nosave=True)
            Video.objects.update(title="second")
            away = ask(web)
            assert (state(away), titles(away)) == ("BYPASS", ["second"])
            until(lambda: state(ask(web)) == "BYPASS")
            with start_redis(server):
                until(lambda: state(ask(web)) == "HIT")
                assert titles(ask(web)) == ["second"]
                Video.objects.update(title="third")
                assert titles(ask(web)) == ["third"]


def test_a_page_for_people_is_stored_like_an_answer_for_programs(web: str) -> None:
    assert [state(ask(web, "/")) for _ in range(2)] == ["MISS", "HIT"]


def test_a_parameter_that_is_said_twice_is_never_taken_from_another_order(web: str) -> None:
    paths = ("/api/videos?limit=5&limit=10", "/api/videos?limit=10&limit=5")
    assert [len(titles(ask(web, path))) for path in paths] == [10, 5]


def test_a_nul_joins_no_two_questions(web: str) -> None:
    assert ask(web, "/api/videos?kind=video&platform=youtube").status_code == 200
    assert ask(web, "/api/videos?kind=video%00platform=youtube").status_code == 400


def test_absurdly_long_questions_are_answered_and_not_remembered(web: str) -> None:
    assert ask(web, f"/api/videos?search={'a' * 20_000}").status_code == 400
    assert ask(web, f"/api/{'a' * 20_000}").status_code == 404


def test_a_migration_makes_everything_new(web: str) -> None:
    ask(web)
    database_migrated(using="default")
    assert state(ask(web)) == "MISS"


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no server that could restart")
def test_after_the_database_restarted_the_next_answers_are_right(sites: tuple[str, str]) -> None:
    for site in sites:
        ask(site)
    with connection.cursor() as cursor:
        others = "datname = current_database() AND pid <> pg_backend_pid()"
        cursor.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}")
    for number in range(4):
        Video.objects.update(title=f"after {number}")
        assert [set(titles(ask(site))) for site in sites] == [{f"after {number}"}] * 2


def test_one_who_knows_the_answer_is_told_that_redis_is_away(transactional_db: None, tmp_path: Path) -> None:
    ingest(make_channel(), [make_entry("a")])
    server = configure(tmp_path / "valkey")
    with start_web(REDIS_URL=server.url) as web:  # which was never started
        tag = ask(web).headers["ETag"]
        again = ask(web, If_None_Match=tag)
    assert (again.status_code, state(again)) == (304, "BYPASS")
