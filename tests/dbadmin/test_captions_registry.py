"""The captions databases' schema and the fleet's view of it: two apps that do not know each other, one folder."""

import pytest
from django.conf import settings

from dbadmin.schema.registry import Registry
from videos.captions.versions import SCHEMA, checksum, latest, statements

REGISTRY = Registry(SCHEMA)


@pytest.mark.parametrize("version", REGISTRY.versions)
def test_a_new_file_says_the_checksum_that_the_fleet_computes(version: int) -> None:
    assert REGISTRY.sql(version) == statements(version)
    assert REGISTRY.fingerprint(version) == REGISTRY.schema(version).fingerprint() == checksum(version)


def test_the_fleet_is_where_the_files_are_written() -> None:
    fleet = settings.FLEETS["captions"]
    assert (fleet["registry"], fleet["root"]) == (SCHEMA, settings.CAPTIONS_ROOT)


def test_new_files_are_of_the_fleets_latest_version() -> None:
    assert REGISTRY.latest == latest()


def test_each_step_is_declared_in_both_directions() -> None:
    up, down = REGISTRY.steps(1, REGISTRY.latest), REGISTRY.steps(REGISTRY.latest, 1)
    assert [(step.from_version, step.to_version) for step in (*up, *down)] == [(1, 2), (2, 3), (3, 2), (2, 1)]
