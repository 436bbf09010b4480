"""A job's stream: the snapshot, the log, what comes, the end."""

from itertools import islice
from uuid import uuid4

import httpx
import pytest
from django.contrib.auth.models import User
from django.test import Client
from rest_framework.authtoken.models import Token

from channels.follow import list_targets
from nisam.jobs.live.announce import announcer
from nisam.jobs.live.topics import topic_of
from nisam.jobs.models import Job
from nisam.jobs.start import start
from tests.builders import make_channel, make_job, make_tab
from tests.jobs.live.listening import address, all_of, begin, beside, end, entries, ids_in, listen, numbers, save

pytestmark = pytest.mark.django_db(transaction=True)


def done(*, steps: int = 3) -> Job:
    job = make_job()
    run = begin(job)
    save(run, steps=steps)
    end(run)
    return job


def test_who_comes_before_the_job_begins_sees_all_of_it(web: str, token: str) -> None:
    job = make_job()

    def work() -> None:
        run = begin(job)
        save(run, steps=20, videos=5)
        end(run)

    stream = listen(web, token, job)
    first = next(stream)
    with beside(work):
        sent = [first, *stream]
    assert (first.name, first.id, first.data["status"]) == ("job_snapshot", "", "pending")
    assert numbers(sent) == all_of(job)
    assert [one.name for one in entries(sent)] == [
        "log",
        "channel_start",
        *["video_saved"] * 100,
        "channel_done",
        "job_done",
    ]


def test_who_comes_in_the_middle_sees_what_was_and_what_comes(web: str, token: str) -> None:
    job = make_job()
    run = begin(job)
    save(run, steps=3, videos=50)
    stream = listen(web, token, job)
    sent = list(islice(stream, 100))
    save(run, steps=10)
    end(run)
    assert numbers([*sent, *stream]) == all_of(job)


def test_who_comes_after_the_job_sees_it_as_it_is_told_by_polling(web: str, token: str) -> None:
    job = done()
    sent = list(listen(web, token, job))
    polled = httpx.get(f"{web}/api/automation/jobs/{job.pk}", headers={"Authorization": f"Token {token}"}).json()
    assert (sent[0].data, numbers(sent), sent[-1].name) == (polled, all_of(job), "job_done")


def test_an_entry_says_which_channel_it_belongs_to(web: str, token: str) -> None:
    channel = make_channel(name="Kurzgesagt")
    job = start("channel_scan", list_targets(channel, [make_tab(channel)]), requested_by="test", wake_workers=False).job
    run = begin(job)
    end(run)
    shown = [(one.data["channelName"], one.data["channelId"]) for one in entries(listen(web, token, job))]
    assert shown == [("", None), *[("Kurzgesagt", str(channel.pk))] * 2, ("", None)]


def test_the_counters_of_a_snapshot_count_the_entries_up_to_it_and_no_others(web: str, token: str) -> None:
    job = make_job()
    run = begin(job)

    def work() -> None:
        save(run, steps=60, videos=3)
        end(run)

    stream = listen(web, token, job)
    first = next(stream)
    with beside(work):
        sent = [first, *stream]
    saved = [int(one.id) for one in sent if one.name == "video_saved"]
    snapshots = [one.data for one in sent if one.name == "job_snapshot"]
    assert len(snapshots) > 1
    for shown in snapshots:
        assert shown["videosFound"] == sum(number <= shown["lastSequence"] for number in saved)


def test_who_comes_back_goes_on_where_it_was(web: str, token: str) -> None:
    job = done()
    assert numbers(listen(web, token, job, last_id="4")) == all_of(job)[4:]
    in_address = httpx.get(f"{address(web, job)}?lastEventId=4", headers={"Authorization": f"Token {token}"})
    assert ids_in(in_address.content) == all_of(job)[4:]


def test_a_last_id_that_is_garbage_or_another_jobs_leads_to_a_full_replay(web: str, token: str) -> None:
    job = done()
    for last_id in ("99", "-1", "two", "4.5", "9" * 40, "3:no-job", f"3:{uuid4()}", ",;:"):
        assert numbers(listen(web, token, job, last_id)) == all_of(job), last_id


def test_work_on_databases_is_watched_at_an_address_of_its_own_and_nobody_keeps_it_back(web: str, token: str) -> None:
    job = done()
    answer = httpx.get(f"{web}/api/admin/jobs/{job.pk}/stream", headers={"Authorization": f"Token {token}"})
    headers = answer.headers
    assert ids_in(answer.content) == all_of(job)
    assert headers["Content-Type"] == "text/event-stream; charset=utf-8"
    assert (headers["Cache-Control"], headers["X-Accel-Buffering"]) == ("private, no-store", "no")


def test_who_may_not_listen_is_told_why_like_everywhere(web: str, token: str) -> None:
    visitor = Token.objects.create(user=User.objects.create_user("visitor")).key
    job = make_job()

    def asked(which: object, key: str) -> tuple[int, str]:
        headers = {"Accept": "text/event-stream", **({"Authorization": f"Token {key}"} if key else {})}
        answer = httpx.get(address(web, which), headers=headers)
        return answer.status_code, answer.json()["code"]

    assert asked(job, "") == (401, "NOT_AUTHENTICATED")
    assert asked(job, visitor) == (403, "FORBIDDEN")
    assert asked(uuid4(), token) == (404, "NOT_FOUND")
    assert asked("nonsense", token) == (404, "NOT_FOUND")


def test_a_browser_listens_with_its_session(web: str, token: str, client: Client) -> None:
    client.force_login(User.objects.get())
    cookies = {name: morsel.value for name, morsel in client.cookies.items()}
    assert httpx.get(address(web, done()), cookies=cookies).status_code == 200


def test_a_job_that_is_deleted_ends_its_stream(web: str, token: str) -> None:
    job = make_job()
    stream = listen(web, token, job)
    next(stream)
    Job.objects.filter(pk=job.pk).delete()
    announcer.publish(topic_of(job.pk))
    assert entries(stream)[1:] == []
