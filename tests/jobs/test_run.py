"""What a handler is given."""

import dataclasses
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from nisam.jobs import runner
from nisam.jobs.claim import LeaseLostError, claim, hand_over
from nisam.jobs.finish import finish
from nisam.jobs.models import Job, JobEvent, JobItem, Status
from nisam.jobs.registry import get_job_type
from nisam.jobs.run import Run
from nisam.jobs.runner import run_item
from nisam.jobs.start import Target
from tests.builders import make_channel, make_entry, make_job
from videos.ingest import ingest
from videos.models import Video

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def run() -> Run:
    item = claim(make_job("tab:a").items.get().pk, worker="w")
    assert item
    return Run(item)


def test_a_step_keeps_data_counters_events_and_cursor_together(run: Run) -> None:
    with run.step() as step:
        ingest(make_channel(), [make_entry("a")])
        step.found, step.done, step.cursor = 1, 1, {"next": "b"}
        step.log("video_saved", "a")
    item = JobItem.objects.get()
    assert (Video.objects.count(), item.found, item.done, item.cursor, run.job.events.last().name) == (  # type: ignore[union-attr]
        1, 1, 1, {"next": "b"}, "video_saved",
    )  # fmt: skip


def test_a_step_that_fails_keeps_nothing(run: Run) -> None:
    before = JobEvent.objects.count()
    with pytest.raises(ZeroDivisionError), run.step() as step:  # noqa: PT012 - what happens inside is the point
        ingest(make_channel(), [make_entry("a")])
        step.found = 1
        step.log("video_saved", "a")
        raise ZeroDivisionError
    assert (Video.objects.count(), Job.objects.get().found, JobEvent.objects.count()) == (0, 0, before)


def test_a_step_can_add_targets_to_its_job(run: Run) -> None:
    with run.step() as step:
        step.targets = [Target("tab:b", "b"), Target("tab:a", "already there")]
    assert Job.objects.get().total_items == 2
    assert list(JobItem.objects.order_by("position").values_list("target", flat=True)) == ["tab:a", "tab:b"]


def test_progress_is_written_at_most_four_times_a_second(run: Run) -> None:
    begin = time.monotonic()
    with CaptureQueriesContext(connection) as queries:
        for number in range(1000):
            run.progress(number)
        while time.monotonic() < begin + 0.6:
            run.progress(1000)
    assert 1 <= len(queries) <= 2
    assert (JobItem.objects.get().done, JobItem.objects.get().ahead) == (0, 1000)


def test_progress_is_not_counted_again_by_the_step_that_follows(run: Run) -> None:
    run._last_write = 0
    run.progress(3)
    with run.step() as step:
        step.done = 3
    assert (JobItem.objects.get().done, JobItem.objects.get().ahead) == (3, 0)


def test_what_is_still_in_hand_after_a_step_is_told_by_it(run: Run) -> None:
    with run.step() as step:
        step.done, step.ahead = 3, 4
    assert (JobItem.objects.get().done, JobItem.objects.get().ahead) == (3, 4)


def test_what_an_attempt_had_in_hand_when_it_ended_was_not_done(run: Run) -> None:
    run._last_write = 0
    run.progress(3)
    finish(run.item, Status.CANCELLED)
    assert (JobItem.objects.get().done, JobItem.objects.get().ahead) == (0, 0)


def test_what_a_killed_attempt_had_in_hand_is_not_counted_by_the_next(run: Run) -> None:
    run._last_write = 0
    run.progress(3)
    hand_over(run.item.worker)
    assert claim(run.item.pk, worker="another")
    assert (JobItem.objects.get().done, JobItem.objects.get().ahead) == (0, 0)


def test_the_bookkeeping_of_a_page_is_a_fixed_number_of_statements(
    run: Run, django_assert_num_queries: Callable[..., Any]
) -> None:
    with django_assert_num_queries(5), run.step() as step:  # BEGIN, item, job, events, COMMIT
        step.found = 100
        for number in range(100):
            step.log("video_saved", str(number))


def test_a_last_step_ends_its_item_in_the_transaction_of_its_data(run: Run) -> None:
    run.spend(requests=2, bytes_received=9)
    with run.step(last=True) as step:
        step.found, step.added, step.cursor = 1, 1, {"end": True}
        step.log("video_saved", "a")
        assert JobItem.objects.get().status == Status.RUNNING
    item, job = JobItem.objects.get(), Job.objects.get()
    assert (item.status, item.found, item.requests, item.cursor) == (Status.COMPLETED, 1, 2, {"end": True})
    assert (job.status, job.found, job.added, job.requests, job.succeeded_items) == (Status.COMPLETED, 1, 1, 2, 1)
    names = list(job.events.order_by("sequence").values_list("name", flat=True))
    assert names[-3:] == ["video_saved", "channel_done", "job_done"]


def test_a_last_step_that_fails_ends_nothing_and_keeps_nothing(run: Run) -> None:
    with pytest.raises(ZeroDivisionError), run.step(last=True):  # noqa: PT012 - what happens inside is the point
        ingest(make_channel(), [make_entry("a")])
        raise ZeroDivisionError
    assert (Video.objects.count(), JobItem.objects.get().status) == (0, Status.RUNNING)


def test_a_last_step_of_a_lost_lease_keeps_nothing(run: Run) -> None:
    JobItem.objects.update(attempt=7)
    with pytest.raises(LeaseLostError), run.step(last=True):
        ingest(make_channel(), [make_entry("a")])
    assert (Video.objects.count(), JobItem.objects.get().status) == (0, Status.RUNNING)


def test_a_last_step_forgets_the_error_of_an_earlier_attempt(run: Run) -> None:
    JobItem.objects.update(error_code="timeout", error_message="It took too long.")
    with run.step(last=True):
        pass
    item = JobItem.objects.get()
    assert (item.error_code, item.error_message) == ("", "")


@pytest.mark.parametrize("more", [(), ("other",)])
def test_ctrl_c_right_after_a_last_step_still_stops_whoever_runs_it(
    monkeypatch: pytest.MonkeyPatch, more: tuple[str, ...]
) -> None:
    def end_and_be_interrupted(attempt: Run) -> None:
        with attempt.step(last=True):
            pass
        raise KeyboardInterrupt

    job = make_job("tab:a", *(f"tab:{name}" for name in more))
    kind = dataclasses.replace(get_job_type(job.type), handler=end_and_be_interrupted)
    monkeypatch.setattr(runner, "get_job_type", lambda _name: kind)
    with pytest.raises(KeyboardInterrupt):
        run_item(job.items.earliest("position").pk, worker="w")
    assert [item.status for item in job.items.order_by("position")] == ["completed", *("cancelled" for _ in more)]


def test_ending_an_item_is_a_fixed_number_of_statements(django_assert_num_queries: Callable[..., Any]) -> None:
    item = claim(make_job("tab:a", "tab:b").items.earliest("position").pk, worker="w")
    assert item
    with django_assert_num_queries(6):  # BEGIN, item, job, its line, the channel's count, COMMIT
        finish(item, Status.COMPLETED)


def test_an_unforeseen_error_fails_the_item_with_its_words() -> None:
    job = make_job("tab:00000000-0000-0000-0000-00000000000x")
    run_item(job.items.get().pk, worker="w")
    item = JobItem.objects.get()
    assert (item.status, item.error_code) == ("failed", "internal")
    assert "ValidationError" in item.error_message


def test_words_that_no_database_holds_are_logged_without_them() -> None:
    item = claim(make_job("tab:a").items.get().pk, worker="w")
    assert item
    Run(item).log("a\x00b \ud83d “c”", data={"nested": ["ä", None, 1]})
    event = item.job.events.order_by("sequence").last()
    assert event
    assert (event.message, event.data) == ("ab ? “c”", {"data": {"nested": ["ä", None, 1]}})
