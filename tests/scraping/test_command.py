"""manage.py scrape_channel as somebody at a terminal uses it."""

import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from channels.models import Channel
from nisam.jobs.models import Job, JobItem, Status
from tests.processes import ROOT, process_environment
from videos.models import Video

pytestmark = pytest.mark.django_db(transaction=True)
Run = Callable[..., "subprocess.CompletedProcess[str]"]
KURZGESAGT = "youtube-kurzgesagt-videos-2026-01"


@pytest.fixture
def scrape_channel(recordings: Path) -> Run:
    """scrape_channel("scenario", "argument", …): run the command on a recording."""

    def run(scenario: str, *arguments: str, **variables: str) -> "subprocess.CompletedProcess[str]":
        environment = process_environment(REPLAY_DIRS=str(recordings / scenario), COLUMNS="150", **variables)
        command = [sys.executable, "manage.py", "scrape_channel", *arguments]
        return subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=60
        )

    return run


def test_it_works_without_a_broker_and_shows_plain_lines_and_a_summary(scrape_channel: Run) -> None:
    done = scrape_channel(KURZGESAGT, "@kurzgesagt", REDIS_URL="")
    assert done.returncode == 0, done.stderr
    assert "60 found, 60 added" in done.stdout
    assert "Kurzgesagt – In a Nutshell · videos" in done.stdout
    assert "\x1b" not in done.stdout


def test_on_a_terminal_it_shows_a_progress_bar(recordings: Path) -> None:
    environment = process_environment(REPLAY_DIRS=str(recordings / KURZGESAGT), TERM="xterm", COLUMNS="120")
    reader, writer = pty.openpty()
    command = [sys.executable, "manage.py", "scrape_channel", "@kurzgesagt"]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=writer, stderr=writer) as process:
        os.close(writer)
        shown = b""
        try:
            while chunk := os.read(reader, 4096):
                shown += chunk
        except OSError:  # Linux says so when the other end is closed
            pass
    os.close(reader)
    assert process.returncode == 0
    assert "━".encode() in shown
    assert b"completed" in shown


def test_elsewhere_it_leaves_the_work_to_the_workers(scrape_channel: Run, broker: object) -> None:
    done = scrape_channel(KURZGESAGT, "@kurzgesagt")
    assert done.returncode == 0, done.stderr
    assert (Job.objects.get().status, Video.objects.count()) == (Status.PENDING, 0)


def test_json_is_all_that_is_printed(scrape_channel: Run) -> None:
    done = scrape_channel(KURZGESAGT, "@kurzgesagt", "--wait", "--json")
    assert json.loads(done.stdout)["videosAdded"] == 60
    assert done.stderr == ""


def test_a_limit_bounds_the_entries_of_each_list(scrape_channel: Run) -> None:
    scrape_channel(KURZGESAGT, "@kurzgesagt", "--wait", "--limit", "7")
    assert Video.objects.count() == 7


def test_one_tab_can_be_chosen(scrape_channel: Run) -> None:
    scrape_channel(KURZGESAGT, "@kurzgesagt", "--wait", "--tab", "shorts")
    assert list(JobItem.objects.filter(target__startswith="tab:").values_list("target_name", flat=True)) == [
        "Kurzgesagt – In a Nutshell · shorts"
    ]


def test_a_second_run_follows_the_same_channel(scrape_channel: Run) -> None:
    scrape_channel(KURZGESAGT, "@kurzgesagt", "--wait")
    done = scrape_channel(KURZGESAGT, "https://www.youtube.com/channel/UCsXVk37bltHxD1rDPwtNM8Q/videos", "--wait")
    assert done.returncode == 0
    assert Channel.objects.count() == 1


@pytest.mark.parametrize(
    ("scenario", "typed", "words"),
    [
        (KURZGESAGT, "nonsense", "Give a channel's address"),
        (KURZGESAGT, "http://192.168.1.1/x", "private network"),
        ("youtube-handle-not-found", "@nonExistingHandleThatWillNeverExist15464", "nothing at this address"),
        ("youtube-channel-does-not-exist", "UCAUc4iz6edWerIjlnL8OSSw", "This channel does not exist"),
    ],
)
def test_bad_input_is_refused_in_words_and_leaves_no_channel(
    scenario: str, typed: str, words: str, scrape_channel: Run
) -> None:
    done = scrape_channel(scenario, typed, "--wait")
    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert not Channel.objects.exists()


def test_the_channel_of_a_single_video_is_offered(scrape_channel: Run) -> None:
    done = scrape_channel("youtube-video-tagesschau", "https://www.youtube.com/watch?v=KI7fMGRg0Wk", "--wait")
    assert done.returncode == 2
    assert "It is in the channel “tagesschau”" in done.stderr
    assert "manage.py scrape_channel https://www.youtube.com/channel/UC" in done.stderr


def test_a_busy_site_is_not_the_channels_fault_and_the_exit_code_says_so(scrape_channel: Run) -> None:
    scrape_channel("youtube-randomchannel-videos-2026-01", "UCUaQMQS9lY5lit3vurpXQ6w", "--wait")
    done = scrape_channel("youtube-channel-rate-limited", "UCUaQMQS9lY5lit3vurpXQ6w", "--wait")
    assert done.returncode == 1
    assert "slow down" in done.stderr
    assert "The workers go on with it at" in done.stderr
    assert (Channel.objects.get().error_code, Video.objects.count()) == ("", 1)


def test_a_limit_below_one_is_refused(scrape_channel: Run) -> None:
    assert scrape_channel(KURZGESAGT, "@kurzgesagt", "--limit", "0").returncode == 2
