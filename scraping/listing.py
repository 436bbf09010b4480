"""Reading one list of a channel page by page into the catalogue, one transaction a page."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from channels.follow import DESCRIBED, describe, tells_news
from channels.models import Channel, ChannelTab
from nisam.jobs.models import Level
from nisam.jobs.run import Run, Step
from nisam.lib.errors import Blocks, OperationError
from scraping import canary, errors, gone, rhythm
from scraping.report import report
from scraping.selection import selected
from scraping.sources.source import Page, Source
from videos.ingest import Entry, Ingested, ingest

# So many known videos in a row, and the rest of a list that was once read to its end is known too.
KNOWN_IN_A_ROW = 20
# So many pages with nothing new end such a read as well: filters may leave too little of them for a row.
IDLE_PAGES = 3
# No list is longer; what is has no end.
MOST_ENTRIES = 500_000


def read_tab(run: Run, tab: ChannelTab, source: Source) -> None:
    """Read one tab, from where an earlier attempt stopped; what comes of it is noted on the tab and the channel."""
    try:
        reached_end = _Reading(run, tab, source).read()
    except OperationError as error:
        _note_failure(run, tab, error)
        if isinstance(error, errors.ChannelGoneError):
            gone.ask_again(run, tab.channel, source)
        if isinstance(error, errors.TabMissingError):
            return
        raise
    with run.step(last=True):
        rhythm.learn_from_catalogue(tab)
        cut = "cut" in run.cursor
        tab.succeeded(next_check_at=rhythm.next_check(tab), full=reached_end, cut=cut)
        tab.channel.was_seen()


def _note_failure(run: Run, tab: ChannelTab, error: OperationError) -> None:
    if error.blocks == Blocks.HOST:  # neither the tab nor the channel can help it
        return
    with run.step() as step:
        tab.failed(error.code, str(error), next_check_at=rhythm.next_check_after(error, tab.failures))
        if isinstance(error, errors.TabMissingError):
            step.log("log", f"{run.item.target_name}: {error}", Level.WARNING, code=error.code)
            return
        step.log("error", f"{run.item.target_name}: {error}", Level.ERROR, code=error.code)
        Channel.objects.filter(pk=tab.channel_id).update(error_code=error.code, error_message=str(error))


@dataclass
class _Reading:
    run: Run
    tab: ChannelTab
    source: Source

    def read(self) -> bool:
        """Read pages until the end, the limit or what is known; tells whether the end was reached."""
        if "end" in self.run.cursor:  # an earlier attempt was lost after its last page
            return bool(self.run.cursor["end"])
        for page in self._pages():
            self._check_layout(page)
            with self.run.step() as step:
                self._write(step, self._trusted(step, page))
            if "end" in self.run.cursor:
                return bool(self.run.cursor["end"])
        return True

    def _pages(self) -> Iterator[Page]:
        return self.source.pages(self.tab.url, self.tab.kind, self.run.cursor.get("next"), self.run.progress)

    def _check_layout(self, page: Page) -> None:
        if self.run.cursor or page.not_videos:
            return
        if missing := canary.watch(self.tab, page.entries):
            raise canary.broken(missing, self.tab)

    def _trusted(self, step: Step, page: Page) -> Page:
        """The page, as far as its reply can be trusted: it must say whose list it is, on its first page."""
        channel = self.tab.channel
        if self.run.cursor:
            return page
        if page.identity is None:
            words = f"{channel.name}: the reply does not say whose list it is; only facts are taken from it."
            step.log("log", words, Level.WARNING, code="quarantined", shape=_shape(page))
            facts = [replace(entry, kind="", live_status="", availability="") for entry in page.entries]
            return replace(page, entries=facts)
        if page.identity.external_id != channel.external_id:
            raise errors.WrongChannelError(
                f"The reply is about another channel, {page.identity.external_id}; nothing was taken from it."
            )
        if tells_news(channel, page.identity):
            # As it is now: an operator may have edited it since this item began.
            channel = self.tab.channel = Channel.objects.select_for_update(no_key=True).get(pk=channel.pk)
            for rename in describe(channel, page.identity):
                step.log("log", rename, code="renamed")
            channel.save(update_fields=[*DESCRIBED, "upstream", "former_names", "updated_at"])
        return page

    def _write(self, step: Step, page: Page) -> None:
        run, limit = self.run, self.run.job.options.get("limit")
        entries = page.entries[: limit - run.item.done] if limit else page.entries
        wanted = selected(self.tab.channel, entries)
        is_feed = self.tab.channel.platform == "feed"
        result = ingest(
            self.tab.channel, wanted, position=run.item.done, have_details=not is_feed, snippets=not is_feed
        )
        step.done = len(entries)
        step.cursor = self._next(page, wanted, result, cut=bool(limit) and run.item.done + len(entries) >= limit)
        report(step, result)
        if "next" in step.cursor and not self.tab.is_torn:
            # Until a read ends where all is known, known videos at the top prove nothing of those below.
            self.tab.is_torn = True
            self.tab.save(update_fields=["is_torn"])
        if page.not_videos:
            words = f"{page.not_videos} entries are no videos and were left out"
            step.log("log", words, notVideos=page.not_videos)
        if left_out := len(entries) - len(wanted):
            step.log("log", f"{left_out} entries were left out by this channel's filters", filtered=left_out)

    def _next(self, page: Page, wanted: Sequence[Entry], result: Ingested, *, cut: bool) -> dict[str, Any]:
        """Where to go on, or why not: the cursor of the item. Raises ParseError for a list without an end."""
        before = self.run.cursor
        incremental = before.get("incremental", self._is_incremental())
        row = _known_in_a_row(wanted, result, before.get("known", 0))
        idle = 0 if result.added else before.get("idle", 0) + 1
        if page.cursor is None:
            return {"end": True}
        if incremental and (row >= KNOWN_IN_A_ROW or idle >= IDLE_PAGES):
            return {"end": False}
        if cut:
            return {"end": False, "cut": True}
        if page.cursor == before.get("next") or self.run.item.done > MOST_ENTRIES:
            raise errors.ParseError("The list has no end: it leads to the same place again, or to ever more videos.")
        return {"next": page.cursor, "known": row, "idle": idle, "incremental": incremental}

    def _is_incremental(self) -> bool:
        return self.tab.is_newest_first and not self.tab.is_full_pass_due and not self.run.job.options.get("full")


def _known_in_a_row(wanted: Sequence[Entry], result: Ingested, row: int) -> int:
    for entry in wanted:
        row = row + 1 if entry.external_id in result.known_ids else 0
    return row


def _shape(page: Page) -> dict[str, int]:
    """What a reply without an identity looked like, for whoever wants to know why: entries, and those with a field."""
    carried = {name: sum(getattr(entry, name) not in ("", None) for entry in page.entries) for name in canary.WATCHED}
    return {"entries": len(page.entries), "notVideos": page.not_videos, **carried}
