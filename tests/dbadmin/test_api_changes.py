"""Scanning and changing databases over REST, and what comes of it."""

import csv
from typing import Any
from uuid import uuid4

import orjson
import pytest
from django.test import Client

from dbadmin.api import list_files
from dbadmin.fleets import Fleet
from dbadmin.lists import save_ids
from dbadmin.models import Alert, DatabaseChange, SavedList
from nisam.jobs.models import Job
from tests.dbadmin.fleets import add_database, execute, record, run, scan

pytestmark = pytest.mark.django_db
BASE = "/api/admin/databases"


def post(client: Client, path: str, body: Any = None) -> Any:
    return client.post(f"{BASE}/{path}", body or {}, content_type="application/json")


def job_of(answer: Any) -> Job:
    assert answer.status_code == 202, answer.content
    return Job.objects.get(pk=answer.json()["jobId"])


def sent(client: Client, path: str, **query: str) -> str:
    """What a file that is streamed says."""
    return b"".join(client.get(path, query).streaming_content).decode()  # type: ignore[attr-defined]


@pytest.fixture
def old(fleet: Fleet) -> str:
    database_id = add_database(fleet, version=1)
    scan(fleet)
    return database_id


def test_a_scan_is_started_and_joined(fleet: Fleet, admin_client: Client) -> None:
    database_id = add_database(fleet)
    first, second = job_of(post(admin_client, "scan")), job_of(post(admin_client, "scan"))
    assert first == second
    run(first)
    execute(fleet.path_of(database_id), "DROP TABLE chapters")
    run(job_of(post(admin_client, "scan", {"ids": [database_id]})))
    assert record(database_id).status == "incomplete"


def test_many_are_repaired_and_the_job_tells_how_far_it_is(old: str, admin_client: Client) -> None:
    job = job_of(post(admin_client, "repair", {"filter": {"version": 1}}))
    run(job)
    shown = admin_client.get(f"/api/admin/jobs/{job.pk}").json()
    assert {**shown["progress"], "current": ""} == {
        "total": 1, "processed": 1, "current": "", "repaired": 1, "failed": 0,
    }  # fmt: skip
    assert admin_client.get(f"{BASE}/{old}").json()["history"][0]["outcome"] == "changed"


def test_one_is_planned_migrated_and_rolled_back(old: str, admin_client: Client) -> None:
    planned = run(job_of(post(admin_client, f"{old}/migrate", {"toVersion": 2, "dryRun": True})))
    assert [one["versions"] for one in planned.result["classes"].values()] == [[1, 2]]
    run(job_of(post(admin_client, f"{old}/migrate", {"toVersion": 2})))
    assert record(old).version == 2
    snapshots = admin_client.get(f"{BASE}/{old}/snapshots").json()
    assert [snapshot["version"] for snapshot in snapshots] == [1]
    run(job_of(post(admin_client, f"{old}/rollback", {"snapshotId": snapshots[0]["id"]})))
    assert record(old).version == 1


def test_a_database_that_is_being_changed_is_a_conflict(old: str, admin_client: Client) -> None:
    job = job_of(post(admin_client, f"{old}/repair"))
    answer = post(admin_client, f"{old}/repair")
    assert (answer.status_code, answer.json()["details"]["jobId"]) == (409, str(job.pk))
    assert answer.json()["error"] == "That is being done already."
    other = post(admin_client, f"{old}/migrate", {"toVersion": 2})
    assert (other.status_code, other.json()["code"], other.json()["details"]) == (
        409, "JOB_RUNNING", {"jobId": str(job.pk)},
    )  # fmt: skip
    assert other.json()["error"].startswith(f"It is being changed already, by job {job.pk} (repair): wait")
    assert admin_client.post(f"/api/admin/jobs/{job.pk}/cancel").json()["status"] == "cancelled"
    assert admin_client.post(f"/api/admin/jobs/{job.pk}/cancel").status_code == 409


@pytest.mark.parametrize(
    ("path", "body", "refusal"),
    [
        ("repair", {"ids": ["../x"]}, (422, "INVALID_ID")),
        ("repair", {"ids": ["nothing"]}, (422, "UNKNOWN_DATABASE")),
        ("repair", {"ids": []}, (400, "BAD_REQUEST")),
        ("repair", {"dryRun": "yes"}, (400, "BAD_REQUEST")),
        ("repair", {"fleet": "x"}, (400, "BAD_REQUEST")),
        ("repair", {"filter": {"status": "well"}}, (400, "BAD_REQUEST")),
        ("migrate", {}, (422, "BAD_REQUEST")),
        ("migrate", {"toVersion": 99}, (422, "UNKNOWN_VERSION")),
        ("../x/repair", {}, (404, "NOT_FOUND")),
        ("..%2Fx/repair", {}, (404, "NOT_FOUND")),
        ("nothing/repair", {}, (404, "NOT_FOUND")),
        ("nothing/salvage", {}, (404, "NOT_FOUND")),
        ("scan?deep=true", {}, (400, "BAD_PARAMETER")),
        ("repair", {"dry_run": True}, (400, "BAD_REQUEST")),
        ("repair", {"id": ["x"]}, (400, "BAD_REQUEST")),
        ("repair", {"filter": {"state": "outdated"}}, (400, "BAD_REQUEST")),
        ("repair", {"ids": ["x"], "filter": {"status": "outdated"}}, (400, "BAD_REQUEST")),
        ("migrate", {"toVersion": 2, "to": 1}, (400, "BAD_REQUEST")),
        ("scan", {"deep": True}, (400, "BAD_REQUEST")),
    ],
)
def test_what_cannot_be_done_is_refused(
    path: str, body: Any, refusal: tuple[int, str], fleet: Fleet, admin_client: Client
) -> None:
    answer = post(admin_client, path, body)
    assert (answer.status_code, answer.json()["code"]) == refusal
    assert not Job.objects.exists()


def test_an_unknown_key_about_one_database_is_named_with_those_that_there_are(old: str, admin_client: Client) -> None:
    answer = post(admin_client, f"{old}/salvage", {"ids": [old]})
    assert answer.json()["details"] == {"ids": ["It is unknown here; there are fleet."]}
    answer = post(admin_client, f"{old}/rollback", {"snapshot": "x"})
    assert answer.json()["details"]["snapshot"] == [
        "It is unknown here; there are fleet, snapshotId, allowDestructive."
    ]
    answer = post(admin_client, "repair", {"filter": {"versoin": 1}})
    assert list(answer.json()["details"]["filter"]) == ["versoin"]


def test_a_rollback_to_another_databases_snapshot_is_refused(fleet: Fleet, old: str, admin_client: Client) -> None:
    run(job_of(post(admin_client, f"{old}/repair")))
    snapshot = DatabaseChange.objects.get().snapshot
    other = add_database(fleet)
    scan(fleet)
    for wrong in (snapshot, "x/../../y", "nothing"):
        assert post(admin_client, f"{other}/rollback", {"snapshotId": wrong}).status_code == 422


def test_everything_is_for_staff(fleet: Fleet, client: Client) -> None:
    for path in ("scan", "repair", "migrate", "x/repair", "x/migrate", "x/rollback", "x/salvage", "lists"):
        assert post(client, path).status_code == 401
    for path in ("list", "x", "x/schema", "x/diff", "x/snapshots", "lists", "metrics", "alerts"):
        assert client.get(f"{BASE}/{path}").status_code == 401


def test_ids_are_saved_as_a_list_and_taken_along(old: str, admin_client: Client) -> None:
    made = post(admin_client, "lists", {"name": "mine", "ids": [old, old, "nothing"]})
    assert made.status_code == 201
    assert {key: made.json()[key] for key in ("found", "unknown", "duplicate")} == {
        "found": 1, "unknown": ["nothing"], "duplicate": [old],
    }  # fmt: skip
    assert post(admin_client, "lists", {"name": "mine", "ids": [old]}).status_code == 409
    assert [(one["name"], one["databases"]) for one in admin_client.get(f"{BASE}/lists").json()] == [("mine", 1)]
    export = f"{BASE}/lists/{made.json()['id']}/export"
    assert [row["id"] for row in orjson.loads(sent(admin_client, export))] == [old]
    assert sent(admin_client, export, format="csv").splitlines()[1].startswith(f"{old},outdated,1,")
    assert admin_client.get(export, {"format": "xml"}).status_code == 400
    run(job_of(post(admin_client, "repair", {"filter": {"list": made.json()["id"]}})))
    assert record(old).version == 3


@pytest.mark.parametrize("number", [0, 4, 5])
def test_a_list_is_taken_along_whole(
    number: int, fleet: Fleet, admin_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(list_files, "_BATCH", 2)
    ids = [add_database(fleet) for _ in range(number)]
    scan(fleet)
    saved = save_ids(fleet.name, "all", ids, created_by="test").saved
    export = f"{BASE}/lists/{saved.pk}/export"
    assert [row["id"] for row in orjson.loads(sent(admin_client, export))] == ids
    rows = list(csv.reader(sent(admin_client, export, format="csv").splitlines()))
    assert [row[0] for row in rows] == ["id", *ids]


@pytest.mark.parametrize(("path", "more"), [("scan", {}), ("repair", {}), ("migrate", {"toVersion": 2})])
def test_a_filter_by_a_list_that_the_fleet_does_not_have_says_where_they_are(
    path: str, more: dict[str, int], old: str, admin_client: Client
) -> None:
    another = SavedList.objects.create(fleet="another", name="theirs")
    for unknown in (uuid4(), another.pk):
        answer = post(admin_client, path, {"filter": {"list": str(unknown)}, **more})
        assert (answer.status_code, answer.json()["code"]) == (422, "UNKNOWN_LIST")
        assert "lists?fleet=captions" in answer.json()["error"]
    assert not Job.objects.active().exists()


def test_alerts_are_listed_until_they_are_acknowledged(fleet: Fleet, old: str, admin_client: Client) -> None:
    execute(fleet.path_of(old), "DROP TABLE tracks")
    scan(fleet)
    alerts = admin_client.get(f"{BASE}/alerts").json()
    assert [(alert["databaseId"], alert["kind"]) for alert in alerts] == [(old, "drift")]
    path = f"{BASE}/alerts/{alerts[0]['id']}/acknowledge"
    assert admin_client.post(path).json()["acknowledgedBy"] == "admin"
    assert admin_client.get(f"{BASE}/alerts").json() == []
    assert Alert.objects.count() == 1


def test_metrics_are_of_a_period(fleet: Fleet, old: str, admin_client: Client, django_assert_num_queries: Any) -> None:
    run(job_of(post(admin_client, f"{old}/repair")))
    with django_assert_num_queries(7):  # session, user, five for the metrics
        said = admin_client.get(f"{BASE}/metrics", {"period": "day"}).json()
    assert (said["success"][0]["changed"], said["success"][0]["rate"]) == (1, 1.0)
    assert [(one["version"], one["databases"]) for one in said["versions"]] == [(3, 1)]
    assert sum(one["databases"] for one in said["sizes"]) == 1
    assert said["durations"]["maxMs"] > 0
    assert said["mostFailing"] == []
    assert admin_client.get(f"{BASE}/metrics", {"period": "ever"}).status_code == 400
