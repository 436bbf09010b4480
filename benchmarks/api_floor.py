"""The floor of a first page that is built: the same statements through psycopg alone, dicts and orjson."""

import time
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import orjson
import psycopg
from psycopg.rows import dict_row

from nisam.lib.params import DEFAULT_LIMIT

_VIDEOS = """
    SELECT video.id, video.slug, video.platform, video.external_id AS "externalId", video.url, title, video.description,
        thumbnail_url AS "thumbnailUrl", kind, live_status AS "liveStatus", availability, duration_seconds AS duration,
        view_count AS "viewCount", like_count AS "likeCount", own_views AS "ownViews", own_likes AS "ownLikes",
        published_at AS "publishedAt", published_precision AS "publishedPrecision",
        video.created_at AS "createdAt", video.updated_at AS "updatedAt", unavailable_code AS "unavailableCode",
        channel.id AS channel_id, channel.slug AS channel_slug, channel.name AS channel_name,
        channel.handle AS channel_handle, channel.avatar_url AS "channel_avatarUrl"
    FROM videos_video video JOIN channels_channel channel ON channel.id = video.channel_id
    WHERE video.deleted_at IS NULL ORDER BY published_at DESC, video.id DESC LIMIT %s"""
_CATEGORIES = """
    SELECT video_id, name FROM videos_video_categories JOIN videos_category category ON category.id = category_id
    WHERE video_id = ANY(%s) ORDER BY name"""
_TAGS = """
    SELECT video_id, name FROM videos_video_tags JOIN videos_tag tag ON tag.id = tag_id
    WHERE video_id = ANY(%s) ORDER BY name"""
_OF_CHANNEL = "channel_"


def first_page(url: str) -> Callable[[], float]:
    """What builds the first page of the newest videos over a connection of its own; it returns the milliseconds."""
    connection = psycopg.connect(url, autocommit=True, row_factory=dict_row)

    def build() -> float:
        began = time.perf_counter()
        rows = connection.execute(_VIDEOS, [DEFAULT_LIMIT]).fetchall()
        ids = [row["id"] for row in rows]
        categories, tags = _names(connection, _CATEGORIES, ids), _names(connection, _TAGS, ids)
        orjson.dumps([
            {**_video(row), "categories": categories[row["id"]], "tags": tags[row["id"]]} for row in rows
        ])  # fmt: skip
        return 1000 * (time.perf_counter() - began)

    return build


def _names(connection: "psycopg.Connection[dict[str, Any]]", statement: str, ids: list[Any]) -> dict[Any, list[str]]:
    found: dict[Any, list[str]] = defaultdict(list)
    for row in connection.execute(statement, [ids]):
        found[row["video_id"]].append(row["name"])
    return found


def _video(row: dict[str, Any]) -> dict[str, Any]:
    channel = {name.removeprefix(_OF_CHANNEL): value for name, value in row.items() if name.startswith(_OF_CHANNEL)}
    return {name: value for name, value in row.items() if not name.startswith(_OF_CHANNEL)} | {"channel": channel}
