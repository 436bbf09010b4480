"""A generated PeerTube instance of any number of channels, derived from a recorded list."""

import json
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from tests.generated import Reply

RECORDED = "peertube-lqdn-channel"
HOST = "peertube.example"
# What stands in the templates for what is generated; neither can be part of JSON.
_ID, _CHANNEL = "\x01", "\x02"


class GeneratedInstance:
    """Answers `requests` (see tests/replay_site): every channel has the same number of videos, newest first."""

    def __init__(self, scenarios: Path, videos: int) -> None:
        self._videos = videos
        recorded = json.loads((scenarios / RECORDED / "videos.json").read_text())["data"]
        self._templates = [_template(item) for item in recorded]

    def find(self, _method: str, url: str, _body: bytes | None = None) -> Reply:
        """A page of a channel's list."""
        parts = urlsplit(url)
        channel = parts.path.split("/")[4]
        query = parse_qs(parts.query)
        start, count = int(query["start"][0]), int(query["count"][0])
        shown = (self._item(channel, number) for number in range(start, min(start + count, self._videos)))
        body = f'{{"total": {self._videos}, "data": [{",".join(shown)}]}}'
        return Reply(200, {"content-type": "application/json"}, body.encode())

    def _item(self, channel: str, number: int) -> str:
        template = self._templates[number % len(self._templates)]
        return template.replace(_ID, f"{channel}-{number}").replace(_CHANNEL, channel)


def _template(item: dict[str, object]) -> str:
    owner = {**dict(item["channel"]), "name": _CHANNEL, "host": HOST}  # type: ignore[call-overload]
    url = f"https://{HOST}/w/{_ID}"
    filled = {**item, "uuid": _ID, "shortUUID": _ID, "url": url, "channel": owner}
    return json.dumps(filled, ensure_ascii=False).replace("\\u0001", _ID).replace("\\u0002", _CHANNEL)
