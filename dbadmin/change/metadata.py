"""The last action of every plan: the file says what it is now."""

from dbadmin.change.actions import Action, Kind
from dbadmin.schema.model import METADATA_TABLE
from dbadmin.schema.tokens import literal, quote

NOW = "strftime('%Y-%m-%dT%H:%M:%SZ', 'now')"


def set_metadata(version: int, checksum: str, *, exists: bool, moves: bool) -> Action:
    """Write the version; `exists` tells whether there is a row to be changed, `moves` whether the version changes."""
    table = quote(METADATA_TABLE)
    if not exists:
        statement = (
            f"INSERT INTO {table} (id, schema_version, schema_checksum, created_at, verified_at)"  # noqa: S608
            f" VALUES (1, {version}, {literal(checksum)}, {NOW}, {NOW})"
        )
    else:
        migrated = f" migrated_at = {NOW}," if moves else ""
        statement = (
            f"UPDATE {table} SET schema_version = {version}, schema_checksum = {literal(checksum)},"  # noqa: S608
            f"{migrated} verified_at = {NOW}"
        )
    return Action(Kind.SET_METADATA, METADATA_TABLE, (statement,))
