"""A web process for all tests of a module, and a member of staff."""

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User
from pytest_django import DjangoDbBlocker
from rest_framework.authtoken.models import Token

from tests.processes import start_web


@pytest.fixture(scope="module")
def web(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """The address of a web process on the test database, which is emptied under it between the tests."""
    with django_db_blocker.unblock(), start_web() as address:
        yield address


@pytest.fixture
def token(transactional_db: None) -> str:
    """The token of a member of staff."""
    return str(Token.objects.create(user=User.objects.create_user("robot", is_staff=True)).key)
