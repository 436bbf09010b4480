"""Fixtures of the tests of the videos' own databases."""

import sqlite3
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from videos.captions.paths import path_of
from videos.captions.versions import statements

ID = uuid.UUID("abcdef00-0000-4000-8000-000000000001")


@pytest.fixture
def path(settings: Settings, tmp_path: Path) -> Path:
    """Where the database of the video ID belongs, below an empty root with characters that URIs know."""
    settings.CAPTIONS_ROOT = tmp_path / "100 % of ?#"
    return path_of(ID)


@pytest.fixture
def make(path: Path) -> Callable[..., Path]:
    """make(2, "INSERT …"): a database of that version with these rows."""

    def made(version: int, *rows: str, checksum: str = "") -> Path:
        path.parent.mkdir(parents=True)
        connection = sqlite3.connect(path)
        connection.executescript(statements(version))
        metadata = "INSERT INTO database_metadata VALUES (1, ?, ?, '2026-01-01T00:00:00.000Z', NULL, NULL)"
        connection.execute(metadata, (version, checksum))
        for row in rows:
            connection.execute(row)
        connection.commit()
        connection.close()
        return path

    return made
