"""manage.py set_channel."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from channels.models import Channel
from tests.builders import make_channel, make_tab

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> str:
    output = StringIO()
    call_command("set_channel", *arguments, stdout=output)
    return output.getvalue()


@pytest.fixture
def channel() -> Channel:
    channel = make_channel(name="Theirs")
    make_tab(channel)
    make_tab(channel, kind="shorts")
    return channel


def test_interval_and_filters_are_set_and_printed(channel: Channel) -> None:
    printed = run(channel.slug, "--interval", "30", "--title-pattern", "^Live", "--shortest", "60", "--longest", "90")
    channel.refresh_from_db()
    assert (channel.interval_minutes, channel.title_pattern) == (30, "^Live")
    assert (channel.shortest_seconds, channel.longest_seconds) == (60, 90)
    assert "interval:       every 30 minutes" in printed
    assert "shortest:       60 seconds" in printed


def test_they_are_taken_back_by_a_word(channel: Channel) -> None:
    channel.edit(interval_minutes=30, title_pattern="^Live", shortest_seconds=60, longest_seconds=90)
    run(channel.slug, "--interval", "auto", "--title-pattern", "none", "--shortest", "none", "--longest", "none")
    channel.refresh_from_db()
    assert (channel.interval_minutes, channel.title_pattern) == (None, "")
    assert (channel.shortest_seconds, channel.longest_seconds) == (None, None)


def test_without_options_it_changes_nothing_and_prints(channel: Channel) -> None:
    before = Channel.objects.values().get()
    assert "interval:       its own rhythm" in run(channel.slug)
    assert Channel.objects.values().get() == before


def test_only_the_given_lists_are_read(channel: Channel) -> None:
    assert "lists left out: videos" in run(channel.slug, "--tabs", "shorts")
    assert [tab.kind for tab in channel.tabs.filter(is_followed=True)] == ["shorts"]
    run(channel.slug, "--tabs", "videos,shorts")
    assert channel.tabs.filter(is_followed=True).count() == 2


def test_a_channel_is_paused_and_resumed(channel: Channel) -> None:
    assert "followed:       paused" in run(channel.slug, "--pause")
    assert "followed:       yes" in run(channel.slug, "--resume")


def test_edited_fields_are_given_back(channel: Channel) -> None:
    channel.edit(name="Ours")
    assert "edited fields:  name" in run(channel.slug)
    assert run(channel.slug, "--give-back").startswith("Theirs")


def test_the_channel_is_found_by_its_address(channel: Channel) -> None:
    channel.aliases.create(key=f"youtube:{channel.external_id}")
    assert "followed:       paused" in run(f"m.youtube.com/channel/{channel.external_id}/shorts", "--pause")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--interval", "often"], "--interval takes a whole number or auto, not “often”."),
        (["--interval", "0"], "at least one minute"),
        (["--shortest=-1"], "shortest_seconds: "),
        (["--shortest", "9", "--longest", "8"], "No video is 9 seconds or longer"),
        (["--title-pattern", "(unclosed"], "no regular expression"),
        (["--title-pattern", "x" * 201], "at most 200 characters"),
        (["--tabs", "streams"], "has no list “streams”. It has shorts, videos."),
    ],
)
def test_bad_input_is_refused_in_words_and_nothing_is_set(options: list[str], words: str, channel: Channel) -> None:
    with pytest.raises(CommandError) as raised:
        run(channel.slug, "--pause", *options)
    assert words in str(raised.value)
    assert raised.value.returncode == 2
    assert Channel.objects.get().is_active


def test_an_unknown_channel_is_bad_input() -> None:
    with pytest.raises(CommandError, match="No channel is known as “@nobody”") as raised:
        run("@nobody", "--pause")
    assert raised.value.returncode == 2


def test_a_handle_that_several_channels_have_names_none() -> None:
    make_channel(handle="@same")
    make_channel(handle="@same", platform="tiktok")
    with pytest.raises(CommandError, match="No channel is known"):
        run("@same", "--pause")
