"""Asking a web process, and what an answer says of itself."""

import requests

Headers = dict[str, str | bytes | None]


def ask(site: str, path: str = "/api/videos", **headers: str) -> requests.Response:
    """GET, without the headers that requests adds by itself."""
    plain: Headers = {
        "Accept-Encoding": "identity",
        "Accept": None,
        **{k.replace("_", "-"): v for k, v in headers.items()},
    }
    return requests.get(f"{site}{path}", headers=plain, timeout=20, allow_redirects=False)


def state(answer: requests.Response) -> str:
    """HIT, MISS or BYPASS."""
    return answer.headers["X-Cache"]


def titles(answer: requests.Response) -> list[str]:
    """Of a list of videos."""
    assert answer.status_code == 200, answer.text
    return [video["title"] for video in answer.json()]
