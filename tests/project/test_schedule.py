"""What Beat does."""

import pytest
from celery import current_app
from django.core.management import call_command
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from nisam.schedule import regular_tasks

pytestmark = pytest.mark.django_db


def test_every_regular_task_exists() -> None:
    current_app.loader.import_default_modules()
    assert {regular.task for regular in regular_tasks()} <= set(current_app.tasks)


def test_migrate_adds_the_regular_tasks_and_leaves_what_an_operator_changed() -> None:
    PeriodicTask.objects.all().delete()
    call_command("migrate", verbosity=0)
    assert set(PeriodicTask.objects.values_list("task", flat=True)) == {task.task for task in regular_tasks()}
    slow, _ = IntervalSchedule.objects.get_or_create(every=300, period="seconds")
    PeriodicTask.objects.filter(task="scraping.dispatch_due").update(interval=slow, enabled=False)
    call_command("migrate", verbosity=0)
    changed = PeriodicTask.objects.get(task="scraping.dispatch_due")
    assert (changed.interval, changed.enabled) == (slow, False)
