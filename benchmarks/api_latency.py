"""How long one client waits for an answer that has to be built: after each change of the version, one after another."""

import statistics
from collections.abc import Sequence

from benchmarks.api_floor import first_page as floor_of_first_page
from benchmarks.api_load import PATH
from benchmarks.api_plans import plan
from benchmarks.api_questions import questions
from benchmarks.client import Answer, Client
from benchmarks.measure import verdict
from benchmarks.writer import Writer
from nisam.lib.keyset import Place
from nisam.lib.params import DEFAULT_LIMIT
from videos.models import Video
from videos.orders import NEWEST

ROUNDS = 200
PER_QUESTION = 60
DEPTH = 500_000
MOST_OF_FLOOR, MOST_OF_FIRST_PAGE, MOST_OF_ANY = 3, 1.3, 12


def first_page(port: int, commits: Writer, url: str) -> tuple[float, bool]:
    """The median of a built first page in milliseconds, and whether it is near enough to the same SQL alone."""
    client, build = Client(port), floor_of_first_page(url)
    floor, built = [], []
    for _ in range(ROUNDS):
        floor.append(build())
        built.append(_built(client, commits, PATH).milliseconds)
    _show_header()
    _show("the same SQL and orjson (floor)", floor)
    _show("first page, built", built)
    first = statistics.median(built)
    ratio = first / statistics.median(floor)
    words = f"built first page: {ratio:.2f} × the same SQL and orjson (target ≤ {MOST_OF_FLOOR})"
    return first, verdict(words, ratio <= MOST_OF_FLOOR)


def deep(port: int, commits: Writer) -> bool:
    """A page far down by cursor, in turns with the first; True when it takes about as long."""
    videos = Video.objects.in_catalogue().newest_first()
    depth = min(DEPTH, videos.count() // 2)
    last = videos.only("published_at", "id")[depth - 1]
    cursor = Place(NEWEST.name, last.published_at, last.id).encode()
    path = f"{PATH}&cursor={cursor}"
    client, first, far = Client(port), [], []
    for _ in range(ROUNDS):
        first.append(_built(client, commits, PATH).milliseconds)
        far.append(_built(client, commits, path).milliseconds)
    _show("first page", first)
    _show(f"page at {depth:,}", far)
    ratio = statistics.median(far) / statistics.median(first)
    words = f"{DEFAULT_LIMIT} videos at {depth:,}: {ratio:.2f} × the first page (target ≤ {MOST_OF_FIRST_PAGE})"
    return verdict(words, ratio <= MOST_OF_FIRST_PAGE)


def every_question(port: int, commits: Writer, first: float) -> bool:
    """Every filter, sort and search; True when none is slow and none reads a large table whole."""
    asked = questions(PER_QUESTION)
    slow, unplanned = [], []
    _show_header()
    for name, paths in asked.items():
        client = Client(port)  # explaining takes longer than a server keeps a silent connection
        if refused := _refusal(client, paths[0]):
            print(f"   {name:40}{refused}")
            slow.append(name)
            continue
        for path in dict.fromkeys(paths):  # from the disk into the system's memory, where a site that is used has it
            _built(client, commits, path)
        waits = [_built(client, commits, path).milliseconds for path in paths]
        _show(name, waits)
        # Counting is no filter and no order: it has to go through all that fits.
        if _p95(waits) >= MOST_OF_ANY * first and "count" not in name:
            slow.append(name)
        if problem := _plan_problem(paths):
            print(f"      {problem}")
            unplanned.append(name)
    words = f"p95 of {len(asked)} kinds of question under {MOST_OF_ANY} × the built first page ({first:.1f} ms)"
    is_fast = verdict(f"{words}{_but(slow)}", not slow)
    return verdict(f"each of them by an index{_but(unplanned)}", not unplanned) and is_fast


def _built(client: Client, commits: Writer, path: str) -> Answer:
    commits.commit()
    answer = client.get(path)
    if (answer.status, answer.state) != (200, "MISS"):
        raise RuntimeError(f"{path} is answered {answer.status} {answer.state} right after a commit, not 200 MISS.")
    return answer


def _refusal(client: Client, path: str) -> str:
    answer = client.get(path)
    return "" if answer.status == 200 else f"{answer.status}: {answer.body.decode(errors='replace')[:100]}"


def _plan_problem(paths: Sequence[str]) -> str:
    for path in dict.fromkeys(paths):
        indexes, scanned = plan(path)
        if scanned or not indexes:
            return f"{path}: every row of {', '.join(sorted(scanned)) or 'some table'} is read"
    return ""


def _but(names: Sequence[str]) -> str:
    return f", but: {'; '.join(names)}" if names else ""


def _p95(values: Sequence[float]) -> float:
    return statistics.quantiles(values, n=20, method="inclusive")[-1]


def _show_header() -> None:
    print(f"   {'ms':40}{'median':>10}{'p95':>10}{'p99':>10}{'max':>10}")


def _show(name: str, values: Sequence[float]) -> None:
    p99 = statistics.quantiles(values, n=100, method="inclusive")[-1]
    print(
        f"   {name:40}{statistics.median(values):10.2f}{_p95(values):10.2f}{p99:10.2f}{max(values):10.2f}", flush=True
    )
