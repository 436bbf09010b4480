"""The stream of whatever job is worked on now."""

import pytest

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
