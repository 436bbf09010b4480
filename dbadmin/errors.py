"""What can go wrong with a fleet and its files, each with what follows from it."""

from datetime import timedelta

from nisam.lib.errors import OperationError


class FleetError(OperationError):
    """Any failure that belongs to a fleet or one of its databases."""

    code = "fleet"


class UnknownFleetError(FleetError):
    """No fleet of that name is in the settings."""

    code = "unknown_fleet"
    permanent = True


class InvalidIdError(FleetError):
    """What was given cannot be the id of a database, or its file would lie outside the fleet."""

    code = "invalid_id"
    permanent = True


class UnknownDatabaseError(FleetError):
    """An id that no file of the fleet has, as of the last scan."""

    code = "unknown_database"
    permanent = True


class UnknownListError(FleetError):
    """A saved list that the fleet does not have."""

    code = "unknown_list"
    permanent = True


class RegistryError(FleetError):
    """A fleet's schema registry is wrong; the message says which file and key."""

    code = "registry"
    permanent = True


class UnknownVersionError(FleetError):
    """A version that the registry does not have."""

    code = "unknown_version"
    permanent = True


class BusyError(FleetError):
    """Another process holds the file's lock; it passes by itself."""

    code = "busy"
    transient = True
    default_retry_after = timedelta(seconds=5)


class UnreadableError(FleetError):
    """The file cannot be opened or read: missing, permission, I/O, not a regular file. Its content may be well."""

    code = "unreadable"


class CorruptError(FleetError):
    """SQLite cannot make sense of the file."""

    code = "corrupt"
    permanent = True


class NotADatabaseError(CorruptError):
    """The file does not begin as a SQLite database does."""

    code = "not_a_database"


class DiskFullError(FleetError):
    """There is no room to write; what was begun was rolled back."""

    code = "disk_full"
