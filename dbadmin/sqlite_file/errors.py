"""What can be wrong with bytes that should be an SQLite database."""

from nisam.lib.errors import OperationError


class MalformedError(OperationError):
    """Bytes that break the file format; says which rule and where."""

    code = "malformed"
    permanent = True
