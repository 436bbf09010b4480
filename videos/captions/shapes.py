"""How each version of the schema calls what readers ask for."""

from dataclasses import dataclass

from videos.captions.errors import VersionError


@dataclass(frozen=True)
class Shape:
    """`captions` selects id, language and source; `link` is the column by which a cue names its captions."""

    captions: str
    link: str
    is_searchable: bool


_TRACKS = "(SELECT id, lang AS language, CASE WHEN auto THEN 'auto' ELSE 'manual' END AS source FROM tracks)"
_SHAPES = {
    1: Shape(_TRACKS, "track_id", is_searchable=False),
    2: Shape("captions", "caption_id", is_searchable=True),
    3: Shape("captions", "caption_id", is_searchable=True),
}


def shape_of(version: int) -> Shape:
    """The names of a version. Raises VersionError for one that is not known."""
    if version not in _SHAPES:
        raise VersionError(f"The database is of version {version}, which only a newer nisam knows.")
    return _SHAPES[version]
