"""Lists of channels as people and programs write them: lines, OPML, Takeout's CSV, NewPipe's JSON, our own CSV."""

import csv
import io
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from xml.etree.ElementTree import Element, ParseError

from defusedxml.ElementTree import fromstring

from nisam.lib.errors import OperationError

MAX_BYTES = 5 * 1024 * 1024
MAX_ROWS = 10_000
ACCEPTED_LISTS = (
    "Accepted are one address or handle a line, an OPML file, subscriptions.csv of Google Takeout, "
    f"NewPipe's JSON and nisam's own CSV, of at most {MAX_BYTES // 1024**2} MB and {MAX_ROWS:,} channels."
)
# What nisam's own CSV begins with, and is known by.
COLUMNS = ("name", "url", "platform", "external_id", "handle", "followed", "interval_minutes", "videos")
# A spreadsheet takes a cell that begins with one of these for a formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
UNREADABLE = "\ufffd"

# Neither PostgreSQL, XML nor a terminal takes all of these.
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_CHANNEL_ID = re.compile(r"UC[\w-]{22}")
_TAKEOUT_ROW = re.compile(r'^"?UC[\w-]{22}"?,"?https?://(www\.)?youtube\.com/channel/', re.MULTILINE)


class ListError(OperationError):
    """The list as a whole cannot be read; the message says what is accepted."""

    code = "bad_list"
    permanent = True

    def __init__(self, message: str) -> None:
        super().__init__(f"{message} {ACCEPTED_LISTS}")


@dataclass(frozen=True)
class Listed:
    """A channel in a list: its place (a line, or a number counted from 1), address and name as they stand there.

    `page` is the address of the channel's page where `address` is that of a feed.
    """

    position: int
    address: str
    name: str = ""
    page: str = ""


def decoded(data: bytes) -> str:
    """The text of a file. Raises ListError when it is too large or not text in UTF-8 (UTF-16 with its mark)."""
    if len(data) > MAX_BYTES:
        raise ListError("The list is too large.")
    try:
        return data.decode("utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise ListError("The file is not text in UTF-8.") from error


def read_list(text: str) -> list[Listed]:
    """The channels in a list, whose format its content tells. Raises ListError for what is none, empty or too long."""
    if len(text.encode(errors="replace")) > MAX_BYTES:
        raise ListError("The list is too large.")
    text = text.removeprefix("\ufeff")
    try:
        rows = list(islice(_reader(text)(text), MAX_ROWS + 1))
    except csv.Error as error:
        raise ListError(f"This CSV cannot be read ({error}).") from error
    if not rows:
        raise ListError("There are no channels in this list.")
    if len(rows) > MAX_ROWS:
        raise ListError("The list is too long.")
    return rows


def clean(text: str) -> str:
    """`text` without what cannot be stored or shown, in whose place stands UNREADABLE."""
    return _UNPRINTABLE.sub(UNREADABLE, text.strip())


def _reader(text: str) -> Callable[[str], Iterator[Listed]]:
    start = text.lstrip()
    if start.startswith("<"):
        return _opml
    if start.startswith(("{", "[")):
        return _newpipe
    if start.startswith(",".join(COLUMNS)):
        return _own_csv
    return _takeout if _TAKEOUT_ROW.search(text) else _lines


def _listed(position: int, address: str, name: str, page: str = "") -> Listed:
    return Listed(position, clean(address), clean(" ".join(name.split())), clean(page))


def _lines(text: str) -> Iterator[Listed]:
    # str.splitlines would also cut at characters that stand in names.
    for position, line in enumerate(re.split(r"\r\n|\r|\n", text), 1):
        if (typed := line.strip()) and not typed.startswith("#"):
            address, _, name = typed.partition("\t" if "\t" in typed else ",")
            yield _listed(position, address, name)


def _takeout(text: str) -> Iterator[Listed]:
    """By position and look: Google translates the header."""
    reader = csv.reader(io.StringIO(text, newline=""))
    for number, cells in enumerate(reader):
        found = [cell for cell in cells if _CHANNEL_ID.fullmatch(cell.strip()) or "://" in cell]
        is_header = number == 0 and not found
        if any(cells) and not is_header:
            yield _listed(reader.line_num, found[0] if found else cells[0], cells[2] if len(cells) > 2 else "")  # noqa: PLR2004 - the third column


def _own_csv(text: str) -> Iterator[Listed]:
    reader = csv.DictReader(io.StringIO(text.lstrip(), newline=""), restval="")
    for cells in reader:
        name = cells["name"]
        is_guarded = name.startswith("'") and name[1:].startswith(FORMULA_STARTS)
        yield _listed(reader.line_num, cells["url"], name[1:] if is_guarded else name)


def _newpipe(text: str) -> Iterator[Listed]:
    """Each subscription's url says where it is, whatever its service_id (0 YouTube, 3 PeerTube)."""
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ListError("This JSON is broken or only half there.") from error
    rows = content.get("subscriptions") if isinstance(content, dict) else None
    if not isinstance(rows, list):
        raise ListError("This JSON has no list of “subscriptions”, so NewPipe has not written it.")
    for position, row in enumerate(rows, 1):
        cells = row if isinstance(row, dict) else {}
        yield _listed(position, str(cells.get("url") or ""), str(cells.get("name") or ""))


def _opml(text: str) -> Iterator[Listed]:
    """Outlines without an address are folders."""
    position = 0
    for outline in _opml_root(text).iter("outline"):
        cells = {name.lower(): value for name, value in outline.items()}
        feed, page = cells.get("xmlurl", ""), cells.get("htmlurl") or cells.get("url", "")
        if feed or page:
            position += 1
            yield _listed(position, feed or page, cells.get("text") or cells.get("title", ""), page if feed else "")


def _opml_root(text: str) -> Element:
    try:
        root: Element = fromstring(text.strip())
    except ParseError as error:
        raise ListError(f"This XML is broken or only half there ({error}).") from error
    except ValueError as error:  # defusedxml's refusal of entities, which can be made to fill the memory
        raise ListError("This XML declares entities, which no list of channels needs.") from error
    if root.tag.lower() != "opml":
        raise ListError(f"This XML is not OPML: it begins with <{root.tag[:40]}>.")
    return root
