"""The database between tests that commit."""

import pytest
from django_celery_beat.models import PeriodicTask

from channels.models import Channel
from nisam.freshness.models import Version
from tests.builders import make_channel
from tests.flushing import Flush


@pytest.mark.django_db(transaction=True)
def test_it_is_as_migrations_left_it_with_new_versions_of_the_content() -> None:
    flush = Flush()
    tasks, versions = (
        list(PeriodicTask.objects.order_by("pk").values()),
        set(Version.objects.values_list("group", "token")),
    )
    PeriodicTask.objects.update(enabled=False)
    make_channel()
    flush()
    assert list(PeriodicTask.objects.order_by("pk").values()) == tasks
    assert not Channel.objects.exists()
    new = set(Version.objects.values_list("group", "token"))
    assert {group for group, _ in new} == {group for group, _ in versions}
    assert not new & versions
