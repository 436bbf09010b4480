"""How a fleet is, from its rows."""

from typing import Any

import pytest
from django.test import Client

from dbadmin.fleets import Fleet
from dbadmin.models import DatabaseRecord
from dbadmin.status import status_of
from nisam.jobs.models import Job
from tests.dbadmin.fleets import add_database, execute, new_id, scan

pytestmark = pytest.mark.django_db
STATUS = "/api/admin/databases/status"


def ask(client: Client, **query: str) -> Any:
    answer = client.get(STATUS, query)
    assert answer.status_code == 200, answer.content
    assert answer["Cache-Control"] == "private, no-store"
    return answer.json()


def test_it_counts_versions_and_states(fleet: Fleet, admin_client: Client) -> None:
    sizes = [fleet.path_of(add_database(fleet, version=version)).stat().st_size for version in (1, 3, 3)]
    incomplete = add_database(fleet)
    execute(fleet.path_of(incomplete), "DROP TABLE chapters")
    empty = fleet.path_of(new_id())
    empty.parent.mkdir(parents=True)
    empty.touch()
    scan(fleet)
    said = ask(admin_client)
    assert said["total"] == 5
    assert said["byVersion"] == {"1": 1, "3": 3, "none": 1}
    assert {word: number for word, number in said["health"].items() if number} == {
        "current": 2, "outdated": 1, "incomplete": 1, "unversioned": 1, "drifted": 1,
    }  # fmt: skip
    assert said["totalBytes"] >= sum(sizes)
    assert (said["source"], said["ageSeconds"], said["jobId"]) == ("fresh", 0, None)


def test_it_counts_the_databases_that_have_a_flag(fleet: Fleet) -> None:
    for version in (1, 3, 3):
        execute(fleet.path_of(add_database(fleet, version=version)), "CREATE TABLE extra (x)")
    scan(fleet)
    assert status_of(fleet.name).counts.flags == {"drifted": 3}


def test_of_a_fleet_that_nobody_has_scanned_nothing_is_known(fleet: Fleet, admin_client: Client) -> None:
    add_database(fleet)
    said = ask(admin_client)
    assert (said["total"], said["timestamp"], said["ageSeconds"], said["source"]) == (0, None, None, "cached")


def test_refresh_starts_a_scan_and_joins_it(fleet: Fleet, admin_client: Client) -> None:
    add_database(fleet)
    first, second = ask(admin_client, refresh="true"), ask(admin_client, refresh="true")
    assert (first["source"], first["total"]) == ("scanning", 0)
    assert first["jobId"] == second["jobId"] == str(Job.objects.get().pk)


@pytest.mark.django_db(transaction=True)
def test_it_is_counted_anew_only_after_a_change(fleet: Fleet, django_assert_num_queries: Any) -> None:
    add_database(fleet)
    scan(fleet)
    status_of(fleet.name)
    with django_assert_num_queries(3):  # running scan, last scan, version
        status_of(fleet.name)
    DatabaseRecord.objects.update(version=2)
    assert status_of(fleet.name).counts.by_version == {"2": 1}


def test_it_is_for_staff(client: Client, django_user_model: Any) -> None:
    assert client.get(STATUS).status_code == 401
    client.force_login(django_user_model.objects.create_user("somebody"))
    assert client.get(STATUS).status_code == 403


@pytest.mark.parametrize("query", [{"colour": "red"}, {"fleet": "nobody's"}, {"refresh": "maybe"}])
def test_unknown_parameters_are_refused(query: dict[str, str], fleet: Fleet, admin_client: Client) -> None:
    answer = admin_client.get(STATUS, query)
    assert (answer.status_code, answer.json()["details"]["parameter"]) == (400, next(iter(query)))
