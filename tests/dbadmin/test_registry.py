"""The schema registry: what it knows, and what it says when it is wrong."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from dbadmin.errors import RegistryError, UnknownVersionError
from dbadmin.schema.registry import Registry
from tests.dbadmin.files import REGISTRY_FOLDER, registry

Edit = Callable[[str, str, str], Path]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the small registry."""
    return Path(shutil.copytree(REGISTRY_FOLDER, tmp_path / "schema"))


@pytest.fixture
def edit(folder: Path) -> Edit:
    """edit("v1.sql", "old", "new"): the folder, with a piece of one of its files replaced."""

    def replace(file: str, old: str, new: str) -> Path:
        text = (folder / file).read_text()
        assert old in text
        (folder / file).write_text(text.replace(old, new, 1))
        return folder

    return replace


def test_it_knows_its_versions() -> None:
    assert (registry().versions, registry().latest) == ((1, 2, 3), 3)


def test_it_knows_a_version_by_its_fingerprint() -> None:
    assert [registry().version_of(registry().fingerprint(version)) for version in (1, 2, 3)] == [1, 2, 3]
    assert registry().version_of("0" * 64) is None


def test_the_way_between_two_versions_is_every_step_in_its_direction() -> None:
    ways = [registry().steps(start, end) for start, end in ((1, 3), (3, 1), (2, 2))]
    assert [[(step.from_version, step.to_version) for step in way] for way in ways] == [
        [(1, 2), (2, 3)],
        [(3, 2), (2, 1)],
        [],
    ]


def test_a_step_says_what_is_renamed_and_filled() -> None:
    (step,) = registry().steps(1, 2)
    assert (step.rename_tables, step.rename_columns) == ({"tracks": "captions"}, {"captions.lang": "language"})
    assert (step.old_table("captions"), step.old_table("chapters")) == ("tracks", "chapters")
    assert list(step.fill) == ["captions.source"]


def test_a_version_it_does_not_have_is_refused() -> None:
    with pytest.raises(UnknownVersionError, match="no version 4; it has 1 to 3"):
        registry().steps(1, 4)


def test_any_change_of_a_file_is_another_registry(edit: Edit) -> None:
    before = registry().digest
    assert Registry(edit("v1.sql", "CREATE TABLE tracks", "CREATE  TABLE tracks")).digest != before


def test_a_gap_between_versions_is_named(folder: Path) -> None:
    (folder / "v2.sql").unlink()
    with pytest.raises(RegistryError, match=r"v2\.sql is missing"):
        Registry(folder)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(RegistryError, match="is no folder"):
        Registry(tmp_path / "schema")


@pytest.mark.parametrize(
    ("file", "old", "new", "words"),
    [
        ("v2.sql", "CREATE TABLE captions", "CREATE captions", r"v2\.sql is not a schema: near"),
        ("v1.sql", "TABLE database_metadata", "TABLE metadata", r"v1\.sql has no table database_metadata"),
        ("v1.sql", "body TEXT", "body BLOB", r"\[v1\] has the checksum .* add a new one"),
        ("registry.toml", "[v2]", "[v2", r"registry\.toml is not TOML"),
        ("registry.toml", "[v1]\nchecksum", "[v1]\nsum", r"\[v1\] has the checksum None"),
        ("registry.toml", "[v1]\n", "[v4]\n", r"has \[v4\], but there is no v4\.sql"),
        ("registry.toml", "[v2.down]", "[v2.dwon]", r"\[v2\] has 'dwon'; it takes checksum, down, up"),
        ("registry.toml", "rename_tables", "renames", r"\[v2\.up\] has a key 'renames'"),
        ("registry.toml", 'tracks = "captions"', "tracks = 1", r"\[v2\.up\]\.rename_tables has to be a table of texts"),
        ("registry.toml", "after = [", "after = [1, ", r"\[v3\.up\]\.after has to be a list of SQL"),
        ("registry.toml", "{ tracks", "{ trakcs", r"renames 'trakcs', but v1\.sql has no table"),
        ("registry.toml", '= "captions"', '= "texts"', r"makes 'texts', but v2\.sql has no table"),
        (
            "registry.toml",
            "captions.lang",
            "captions.lnag",
            r"'captions\.lnag', but 'tracks' has no column 'lnag' in v1",
        ),
        ("registry.toml", '= "language"', '= "tongue"', r"'captions' has no column 'tongue' in v2"),
        ("registry.toml", "captions.source", "source", r"'source', which is not of the form table\.column"),
        (
            "registry.toml",
            "captions.source",
            "captions.from",
            r"fill has 'captions\.from', but 'captions' has no column",
        ),
    ],
)
def test_what_is_wrong_is_said_with_file_and_key(edit: Edit, file: str, old: str, new: str, words: str) -> None:
    with pytest.raises(RegistryError, match=words):
        Registry(edit(file, old, new))


def test_a_version_without_a_declaration_is_named(folder: Path) -> None:
    (folder / "v4.sql").write_text(registry().sql(3))
    with pytest.raises(RegistryError, match=r"has no \[v4\], which v4\.sql needs"):
        Registry(folder)


def test_a_step_that_needs_nothing_declared_is_declared_by_nothing(folder: Path) -> None:
    (folder / "v4.sql").write_text(registry().sql(3))
    with (folder / "registry.toml").open("a") as declarations:
        declarations.write(f'[v4]\nchecksum = "{registry().fingerprint(3)}"\n')
    made = Registry(folder)
    assert (made.latest, made.version_of(made.fingerprint(3)), made.steps(3, 4)[0].after) == (4, 4, ())
