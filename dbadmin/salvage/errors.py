"""Why a file is not salvaged."""

from dbadmin.errors import FleetError


class NotCorruptError(FleetError):
    """SQLite reads the file: whatever else it needs, it is not salvage."""

    code = "not_corrupt"
    permanent = True


class NothingToSalvageError(FleetError):
    """Not one row was found; the file stays as it is, and a snapshot is the way back."""

    code = "nothing_to_salvage"
    permanent = True


class UnsoundError(FleetError):
    """The file that salvage made is not as it must be; the damaged one stays in its place."""

    code = "unsound"
    permanent = True
