"""The list of databases, and one of them, over REST."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from dbadmin.fleets import Fleet
from dbadmin.models import DatabaseRecord, SavedList
from tests.dbadmin.fleets import add_database, execute, scan
from tests.dbadmin.pages import send

pytestmark = pytest.mark.django_db
BASE = "/api/admin/databases"


def make_record(database_id: str, **fields: Any) -> DatabaseRecord:
    defaults = {"fleet": "captions", "shard": database_id[:2], "status": "current", "version": 3, "size": 1}
    return DatabaseRecord.objects.create(database_id=database_id, scanned_at=timezone.now(), **{**defaults, **fields})


def ids(client: Client, **query: Any) -> list[str]:
    answer = client.get(f"{BASE}/list", query)
    assert answer.status_code == 200, answer.content
    return [row["id"] for row in answer.json()]


@pytest.fixture
def rows() -> None:
    make_record("aa1", status="current", size=30)
    make_record("aa2", status="outdated", version=1, size=10)
    make_record("ab1", status="incomplete", is_drifted=True, flags=["drifted"], size=20)
    make_record("ab2", status="unversioned", version=None)
    make_record("ac1", status="current", missing_since=timezone.now())
    make_record("ac2", status="current", error_code="busy")
    make_record("zz1", fleet="another")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, ["aa1", "aa2", "ab1", "ab2", "ac2"]),
        ({"status": "current"}, ["aa1", "ac2"]),
        ({"status": "drifted"}, ["ab1"]),
        ({"status": "missing"}, ["ac1"]),
        ({"status": "failed"}, ["ac2"]),
        ({"version": "1"}, ["aa2"]),
        ({"version": "none"}, ["ab2"]),
        ({"search": "ab"}, ["ab1", "ab2"]),
        ({"search": "ab", "version": "3"}, ["ab1"]),
        ({"search": "ac", "version": "3"}, ["ac2"]),
        ({"search": "ac", "status": "missing"}, ["ac1"]),
        ({"sort": "size", "limit": 3}, ["aa1", "ab1", "aa2"]),
    ],
)
def test_it_is_filtered_and_sorted(
    query: dict[str, Any], expected: list[str], rows: None, admin_client: Client
) -> None:
    assert ids(admin_client, **query) == expected


@pytest.mark.parametrize(
    ("prefix", "found"), [("AB", ["AB1"]), ("ab", ["ab1"]), ("a%", ["a%_"]), ("é", ["é🎉"]), ("a*", [])]
)
def test_a_search_takes_every_letter_as_it_is(prefix: str, found: list[str], admin_client: Client) -> None:
    for database_id in ("AB1", "ab1", "aB1", "a%_", "é🎉", "É1", "f1"):
        make_record(database_id)
    assert ids(admin_client, search=prefix) == found


@pytest.mark.parametrize("version", [-1, 10**9, 2**63 - 1, -(2**63)])
def test_any_version_that_a_file_may_say_is_listed_and_chosen(version: int, fleet: Fleet, admin_client: Client) -> None:
    make_record("aa1", version=version, status="unknown_version")
    make_record("aa2")
    assert ids(admin_client, version=version) == ["aa1"]
    send(admin_client, "lists/save/", scope="all", version=version, name="odd")
    assert list(SavedList.objects.get().databases.values_list("database_id", flat=True)) == ["aa1"]
    body = {"filter": {"version": version}}
    assert admin_client.post(f"{BASE}/scan", body, content_type="application/json").status_code == 202


def test_pages_follow_each_other(rows: None, admin_client: Client) -> None:
    first = admin_client.get(f"{BASE}/list", {"limit": 3})
    following = first["Link"].partition("<")[2].partition(">")[0]
    assert [row["id"] for row in admin_client.get(following).json()] == ["ab2", "ac2"]


def test_a_page_is_one_statement(rows: None, admin_client: Client, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(3):  # session, user, page
        ids(admin_client)


@pytest.mark.parametrize(
    "query", [{"colour": "red"}, {"status": "well"}, {"version": "three"}, {"version": "9" * 20}, {"sort": "path"},
              {"limit": "0"}, {"cursor": "x"}, {"fleet": "x"}, {"search": "a\x00"}],
)  # fmt: skip
def test_what_cannot_be_used_is_refused(query: dict[str, str], admin_client: Client) -> None:
    answer = admin_client.get(f"{BASE}/list", query)
    assert (answer.status_code, answer.json()["details"]["parameter"]) == (400, next(iter(query)))


@pytest.mark.parametrize("database_id", ["..", "../x", "..%2Fx", ".snapshots", "nothing", "%00", "a" * 300])
@pytest.mark.parametrize("what", ["", "/schema", "/diff"])
def test_ids_that_name_no_database_are_not_found(
    what: str, database_id: str, fleet: Fleet, admin_client: Client
) -> None:
    assert admin_client.get(f"{BASE}/{database_id}{what}").status_code == 404


def test_a_database_is_shown_with_its_schema_and_what_differs(fleet: Fleet, admin_client: Client) -> None:
    one, other = add_database(fleet), add_database(fleet)
    execute(fleet.path_of(one), "DROP TABLE chapters")
    scan(fleet)
    shown = admin_client.get(f"{BASE}/{one}").json()
    assert (shown["status"], shown["flags"], shown["version"], shown["history"]) == ("incomplete", ["drifted"], 3, [])
    schema = admin_client.get(f"{BASE}/{one}/schema").json()
    assert "captions" in [table["name"] for table in schema["tables"]]
    assert schema["checksum"] == shown["fingerprint"]
    own = admin_client.get(f"{BASE}/{one}/diff").json()
    assert ("missing", "table", "chapters") in [(d["kind"], d["type"], d["name"]) for d in own["differences"]]
    assert admin_client.get(f"{BASE}/{one}/diff", {"against": other}).json()["against"] == other
    older = admin_client.get(f"{BASE}/{other}/diff", {"version": 1}).json()
    assert (older["version"], bool(older["differences"])) == (1, True)


def test_a_database_is_compared_with_one_of_the_longest_id(fleet: Fleet, admin_client: Client) -> None:
    one, other = add_database(fleet), add_database(fleet, "a" * 255)
    scan(fleet)
    assert admin_client.get(f"{BASE}/{one}/diff", {"against": other}).json()["against"] == other


def test_a_file_that_cannot_be_read_is_told_so(fleet: Fleet, admin_client: Client) -> None:
    database_id = add_database(fleet)
    scan(fleet)
    fleet.path_of(database_id).write_bytes(b"no database" * 1000)
    answer = admin_client.get(f"{BASE}/{database_id}/schema")
    assert (answer.status_code, answer.json()["code"]) == (422, "NOT_A_DATABASE")


def test_a_file_of_a_format_that_sqlite_does_not_know_is_told_so(fleet: Fleet, admin_client: Client) -> None:
    database_id = add_database(fleet)
    scan(fleet)
    with fleet.path_of(database_id).open("r+b") as file:
        file.seek(47)  # the last byte of the schema's format
        file.write(b"\x09")
    answer = admin_client.get(f"{BASE}/{database_id}/schema")
    assert (answer.status_code, answer.json()["code"]) == (422, "CORRUPT")
