"""The stream of whatever job is worked on now."""

import asyncio

import pytest

from nisam.jobs.live import active
from nisam.jobs.live.active import active_parts
from nisam.jobs.live.last_id import LastId
from nisam.jobs.live.topics import job_of
from tests.builders import make_job
from tests.jobs.live.listening import all_of, begin, end, entries, listen, numbers, save

pytestmark = pytest.mark.django_db(transaction=True)


def test_it_waits_for_a_job_and_tells_all_of_it(web: str, token: str) -> None:
    stream = listen(web, token, "active")
    assert next(stream).data is None
    job = make_job()
    run = begin(job)
    save(run, steps=3)
    end(run)
    assert numbers(stream) == all_of(job)


def test_who_comes_back_sees_the_rest_of_its_job_and_then_the_next_one_from_the_beginning(web: str, token: str) -> None:
    first = make_job()
    run = begin(first)
    stream = listen(web, token, "active")
    seen = [next(stream) for _ in range(3)]
    stream.close()
    end(run)
    second = make_job()
    run = begin(second)
    end(run)
    rest = list(listen(web, token, "active", last_id=seen[-1].id))
    assert numbers([*seen, *rest]) == all_of(first)

    third = make_job()
    stream = listen(web, token, "active", last_id=rest[-1].id)
    shown = [next(stream) for _ in range(2)]
    stream.close()
    assert (shown[0].data["id"], numbers(shown)) == (str(third.pk), [1])


def test_the_ids_name_the_job(web: str, token: str) -> None:
    job = make_job()
    stream = listen(web, token, "active")
    shown = [next(stream) for _ in range(2)]
    stream.close()
    assert [job_of(one.id.partition(":")[2]) for one in entries(shown)] == [job.pk]


def test_who_waits_has_to_show_who_it_is_now_and_then_even_while_there_is_no_job(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(active, "HEARTBEAT_SECONDS", 0.1)
    monkeypatch.setattr(active, "LONGEST_SECONDS", 0.3)

    async def heard() -> list[bytes]:
        async with asyncio.timeout(5):
            return [part async for part in active_parts(LastId())]

    assert b"null" in asyncio.run(heard())[0]
