"""The dashboard and a job's page, watched in a browser while a real worker reads recordings."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from playwright.sync_api import Browser, Page, expect

from nisam.jobs.events import Event, record
from nisam.jobs.models import Job, Status
from nisam.jobs.start import Target, start
from scraping.rhythm import Bounds
from tests.browser.conftest import logged_in
from tests.builders import make_job, make_recorded_channel
from tests.processes import free_port, start_web, until

pytestmark = pytest.mark.django_db(transaction=True)
RECORDED, CHANNEL_ID = "youtube-kurzgesagt-videos-2026-01", "UCsXVk37bltHxD1rDPwtNM8Q"
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"

# Gives a log, in the place of the page's, lines that no server had to send.
FEED = """async (count) => {
  const { Log } = await import("/static/js/automation/log.js");
  const root = document.querySelector("[data-log]").cloneNode(true);
  document.querySelector("[data-log]").replaceWith(root);
  const log = new Log(root);
  window.feed = (from, to) => {
    for (let n = from; n < to; n += 1) {
      log.add({ sequence: n + 1, time: "2026-01-01T00:00:00Z", level: "info", event: "log", message: `line ${n}`,
                channelId: null, channelName: "", data: {} });
    }
  };
  window.feed(0, count);
}"""

Start = Callable[..., Any]


@pytest.fixture
def hold(tmp_path: Path) -> Iterator[Path]:
    """While this file exists a worker waits before the second page of a list."""
    file = tmp_path / "hold"
    file.touch()
    yield file
    file.unlink(missing_ok=True)


@contextmanager
def held_job(worker: Start, hold: Path) -> Iterator[Job]:
    """A job in the middle of its work: a page is stored, the next one held back."""
    channel = make_recorded_channel(CHANNEL_ID)
    worker(RECORDED, REPLAY_HOLD=str(hold))
    tab = channel.tabs.get()
    job = start("channel_scan", [Target(f"tab:{tab.pk}", "Kurzgesagt · videos")], requested_by="test").job
    until(lambda: Job.objects.get(pk=job.pk).found == 30)
    yield job


def connection(page: Page) -> Any:
    """What the page says of its connection."""
    return page.locator("[data-connection]")


def counter(page: Page, name: str) -> Any:
    """A number of the job that is shown."""
    return page.locator(f"[data-count={name}]")


def fill_log(job: Job, count: int) -> None:
    """Give a job a log of so many more lines, every hundredth a warning."""
    for first in range(0, count, 5000):
        lines = range(first, min(first + 5000, count))
        words = [Event("log", f"line {n}", "warning" if n % 100 == 0 else "info") for n in lines]  # type: ignore[arg-type]
        with transaction.atomic():
            record(job.pk, None, words)


def fits(page: Page) -> bool:
    """Whether neither a desktop's nor a phone's window has to be scrolled sideways."""
    widths = []
    for width in (390, 1280):
        page.set_viewport_size({"width": width, "height": 844})
        widths.append(page.evaluate(OVERFLOW))
    return widths == [0, 0]


def test_the_dashboard_steers_the_schedule_reads_a_channel_and_fits_a_phone(desktop_page: Page) -> None:
    make_recorded_channel(CHANNEL_ID)
    desktop_page.goto("/admin/automation/")
    expect(desktop_page.locator("[data-ready]")).to_be_visible()
    expect(desktop_page.get_by_text("No worker is alive")).to_be_visible()
    desktop_page.get_by_role("button", name="Switch off").click()
    expect(desktop_page.get_by_role("button", name="Switch on")).to_be_visible()
    desktop_page.get_by_label("at least").fill("30")
    desktop_page.keyboard.press("Enter")
    expect(desktop_page.get_by_text("count from each list's next look on")).to_be_visible()
    assert Bounds.now().shortest == timedelta(minutes=30)
    desktop_page.get_by_label("One channel").fill("Chan")
    desktop_page.keyboard.press("Enter")
    expect(desktop_page.get_by_text("was started")).to_be_visible()
    expect(connection(desktop_page)).to_have_text("Live")
    assert fits(desktop_page)
    desktop_page.get_by_role("link", name="Watch the job").click()
    expect(connection(desktop_page)).to_have_text("Live")
    assert fits(desktop_page)


def test_a_scrape_is_started_watched_reloaded_in_its_middle_and_filtered(
    desktop_page: Page, worker: Start, hold: Path
) -> None:
    make_recorded_channel(CHANNEL_ID)
    worker(RECORDED, REPLAY_HOLD=str(hold))
    desktop_page.goto("/admin/")
    desktop_page.get_by_role("link", name="Automation", exact=True).click()
    expect(desktop_page.locator("[data-ready]")).to_be_visible()
    desktop_page.get_by_role("button", name="All channels").click()
    expect(desktop_page.get_by_text("was started")).to_be_visible()
    desktop_page.get_by_role("link", name="Watch the job").click()
    expect(connection(desktop_page)).to_have_text("Live")
    expect(counter(desktop_page, "videosFound")).to_have_text("30", timeout=15000)

    desktop_page.reload()
    expect(counter(desktop_page, "videosFound")).to_have_text("30")
    expect(desktop_page.locator("[data-status]").first).to_have_text("running")
    expect(desktop_page.locator("[data-rows] tbody tr")).to_contain_text(["running"])
    expect(desktop_page.get_by_role("progressbar", name="Targets")).to_have_js_property("value", 0)
    hold.unlink()
    expect(connection(desktop_page)).to_contain_text("Ended")
    expect(counter(desktop_page, "videosFound")).to_have_text("60")
    expect(desktop_page.get_by_role("progressbar", name="Targets")).to_have_js_property("value", 1)
    expect(desktop_page.get_by_role("button", name="Cancel")).to_be_hidden()

    lines = desktop_page.locator("[data-log-count]")
    expect(lines).to_have_text("65 lines")
    desktop_page.get_by_label("Search").fill("added:")
    expect(lines).to_have_text("60 of 65 lines")
    desktop_page.get_by_label("Level").select_option("warning")
    expect(lines).to_have_text("0 of 65 lines")
    desktop_page.get_by_label("Search").fill("")
    desktop_page.get_by_label("Level").select_option("debug")
    desktop_page.locator("[data-log-channel]").select_option(index=1)
    expect(lines).to_have_text("63 of 65 lines")


def test_a_job_is_cancelled_by_keyboard(desktop_page: Page, worker: Start, hold: Path) -> None:
    with held_job(worker, hold) as job:
        desktop_page.goto(f"/admin/automation/jobs/{job.pk}/")
        expect(connection(desktop_page)).to_have_text("Live")
        desktop_page.get_by_role("button", name="Cancel").focus()
        desktop_page.keyboard.press("Enter")
        expect(desktop_page.locator("[data-status]").first).to_have_text("cancelled")
        expect(connection(desktop_page)).to_contain_text("Ended")


def test_the_page_recovers_when_its_server_is_killed_and_comes_back(
    browser: Browser, admin_user: User, transactional_db: None
) -> None:
    job, port = make_job("tab:1"), free_port()
    with ExitStack() as stack:
        with start_web(port) as address:
            page = stack.enter_context(logged_in(browser, address, admin_user))
            page.goto(f"/admin/automation/jobs/{job.pk}/")
            expect(connection(page)).to_have_text("Live")
        expect(connection(page)).to_contain_text("does not answer", timeout=15000)
        fill_log(job, 10)
        stack.enter_context(start_web(port))
        expect(connection(page)).to_have_text("Live", timeout=15000)
        expect(page.locator("[data-log-count]")).to_have_text("11 lines")


def test_a_blocked_stream_becomes_polling_which_the_page_says(desktop_page: Page) -> None:
    job = make_job("tab:1")
    desktop_page.route("**/api/**/stream*", lambda route: route.abort())
    desktop_page.goto(f"/admin/automation/jobs/{job.pk}/")
    expect(connection(desktop_page)).to_contain_text("asking every two seconds", timeout=10000)
    fill_log(job, 10)
    expect(desktop_page.locator("[data-log-count]")).to_have_text("11 lines")
    with transaction.atomic():
        record(job.pk, None, [Event("job_done", "")], status=Status.COMPLETED, completed_at=job.created_at)
    expect(connection(desktop_page)).to_contain_text("Ended")


def test_a_log_of_50_000_lines_is_a_few_elements_and_is_read_by_keyboard(desktop_page: Page) -> None:
    job = make_job("tab:1")
    desktop_page.goto(f"/admin/automation/jobs/{job.pk}/")
    expect(desktop_page.locator("[data-log-count]")).to_have_text("1 line")
    desktop_page.evaluate(FEED, 50_000)
    view, lines = desktop_page.locator("[data-log-view]"), desktop_page.locator("[data-log-rows] > *")
    newest = desktop_page.get_by_role("button", name="Jump to the newest")
    expect(view).to_contain_text("line 49999")
    assert lines.count() < 80

    view.hover()
    desktop_page.mouse.wheel(0, -3000)
    expect(newest).to_be_visible()
    desktop_page.evaluate("window.feed(50_000, 60_000)")
    expect(newest).to_have_text("Jump to the newest (10,000 new)")
    expect(view).not_to_contain_text("line 59999")
    newest.press("Enter")
    expect(view).to_contain_text("line 59999")
    view.press("Home")
    expect(view.get_by_role("option", selected=True)).to_contain_text("line 0")
    view.press("ArrowDown")
    expect(desktop_page.locator("[data-log-details]")).to_contain_text("line 1")
    assert lines.count() < 80
