"""Using the operator's pages in the tests as a browser without JavaScript does."""

from typing import Any

from django.test import Client

from nisam.jobs.models import Job

BASE = "/admin/databases/captions/"


def page(client: Client, path: str = "", **query: Any) -> str:
    answer = client.get(f"{BASE}{path}", query)
    assert answer.status_code == 200, answer.content
    return answer.text


def send(client: Client, path: str, **fields: Any) -> str:
    """Send a form and follow to the page that it leads to."""
    answer = client.post(f"{BASE}{path}", fields, follow=True)
    assert answer.redirect_chain
    assert answer.status_code == 200, answer.content
    return answer.text


def newest_job() -> Job:
    return Job.objects.order_by("-created_at").first()  # type: ignore[return-value]


def repair(database_id: str, **fields: Any) -> dict[str, Any]:
    """The fields of a form about one database."""
    return {"scope": "selected", "ids": database_id, "what": "repair", **fields}
