"""The account that a new installation begins with."""

import secrets
from itertools import count

from django.contrib.auth import get_user_model
from django.db import transaction


@transaction.atomic
def make_first_admin() -> tuple[str, str] | None:
    """Name and password of a new administrator, or None when there is one. The password is kept nowhere else."""
    users = get_user_model().objects
    if users.filter(is_superuser=True).exists():
        return None
    names = ("admin" if number == 1 else f"admin{number}" for number in count(1))
    # An account of that name without the rights is somebody else's: it must not be given them.
    name = next(name for name in names if not users.filter(username=name).exists())
    password = secrets.token_urlsafe(12)
    users.create_superuser(username=name, password=password)
    return name, password
