"""What operators set of a channel against the platform or the schedule."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from channels.follow import Identity, describe
from channels.models import Channel, ChannelTab
from tests.builders import make_channel, make_tab

pytestmark = pytest.mark.django_db
CHANNELS = "/admin/channels/channel/"


@pytest.fixture
def admin(client: Client, admin_user: User) -> Client:
    client.force_login(admin_user)
    return client


def save(admin: Client, channel: Channel, **typed: Any) -> str:
    """Send a channel's form with what is typed changed; the page that follows."""
    path = f"{CHANNELS}{channel.pk}/change/"
    page = admin.get(path)
    forms = [page.context["adminform"].form]
    for inline in page.context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    data = {name: value for form in forms for name, value in _filled_in(form).items()}
    data |= typed
    data = {key: value for key, value in data.items() if value is not False}
    return admin.post(path, data, follow=True).content.decode()


def _filled_in(form: Any) -> dict[str, Any]:
    """What a browser would send of a form that nobody touched."""
    bound = [form[name] for name in form.fields]
    sent = {field.html_name: field.value() for field in bound}
    # What browsers send beside a field whose default is a function, so that no change is seen where there is none.
    sent |= {field.html_initial_name: field.value() for field in bound if field.field.show_hidden_initial}
    for name, value in list(sent.items()):
        if isinstance(value, datetime):
            sent |= {f"{name}_0": f"{value:%Y-%m-%d}", f"{name}_1": f"{value:%H:%M:%S}"}
    return {name: value for name, value in sent.items() if value is not None}


def act(admin: Client, action: str, *rows: Any) -> str:
    answer = admin.post(CHANNELS, {"action": action, "_selected_action": [row.pk for row in rows]}, follow=True)
    return answer.content.decode()


def told(channel: Channel, **facts: str) -> Channel:
    """The channel after its platform has told these facts."""
    fresh = Channel.objects.get(pk=channel.pk)
    assert channel.external_id
    describe(fresh, Identity("youtube", channel.external_id, facts.pop("name", ""), "", **facts))  # type: ignore[arg-type]
    fresh.save()
    return fresh


class TestAnEditedField:
    def test_an_edit_in_the_admin_stays_with_what_the_platform_says_beside_it(self, admin: Client) -> None:
        channel = make_channel(name="Theirs")
        save(admin, channel, name="Ours")
        fresh = told(channel, name="Theirs, renamed")
        assert (fresh.name, fresh.upstream) == ("Ours", {"name": "Theirs, renamed"})
        page = admin.get(f"{CHANNELS}{channel.pk}/change/").content.decode()
        assert "Platform says: <q>Theirs, renamed</q>" in page

    def test_what_was_not_edited_follows_the_platform(self, admin: Client) -> None:
        channel = make_channel(name="Theirs", description="Old.")
        save(admin, channel, name="Ours")
        assert told(channel, description="New.").description == "New."

    def test_an_edit_by_the_api_is_kept_by_the_same_rule(self, admin: Client) -> None:
        channel = make_channel(name="Theirs")
        answer = admin.patch(f"/api/channels/{channel.pk}", {"name": "Ours"}, content_type="application/json")
        assert answer.json()["name"] == "Ours"
        assert told(channel, name="Theirs").upstream == {"name": "Theirs"}

    def test_typing_what_the_platform_says_unlocks_the_field(self) -> None:
        channel = make_channel(name="Theirs")
        channel.edit(name="Ours")
        channel.edit(name="Theirs")
        assert told(channel, name="Theirs 2").name == "Theirs 2"

    def test_a_second_edit_keeps_the_platforms_value(self) -> None:
        channel = make_channel(name="Theirs")
        channel.edit(name="Ours")
        channel.edit(name="Ours, better")
        assert channel.upstream == {"name": "Theirs"}

    def test_saving_a_form_that_changes_nothing_locks_nothing(self, admin: Client) -> None:
        channel = make_channel(description="Words.\n\nMore words.")
        save(admin, channel)
        assert Channel.objects.get().upstream == {}

    def test_an_edit_leaves_alone_what_a_scrape_wrote_meanwhile(self) -> None:
        channel = make_channel()
        Channel.objects.update(feed_etag="new", follower_count=7)
        channel.edit(name="Ours")
        fresh = Channel.objects.get()
        assert (fresh.feed_etag, fresh.follower_count) == ("new", 7)

    def test_giving_back_restores_what_the_platform_says(self, admin: Client) -> None:
        channel = make_channel(name="Theirs", description="Old.")
        channel.edit(name="Ours", description="")
        told(channel, name="Theirs 2", description="New.")
        assert "2 fields of 1 are as the platform says again" in act(admin, "give_back", channel)
        fresh = Channel.objects.get()
        assert (fresh.name, fresh.description, fresh.upstream) == ("Theirs 2", "New.", {})
        assert "Nothing of them was edited" in act(admin, "give_back", channel)

    def test_a_name_given_before_the_platform_told_one_is_not_lost_by_giving_it_back(self) -> None:
        channel = make_channel(name="Ours", upstream={"name": ""})
        channel.give_back()
        assert (Channel.objects.get().name, Channel.objects.get().upstream) == ("Ours", {})

    def test_what_the_platform_says_is_shown_as_text(self, admin: Client) -> None:
        channel = make_channel(name="Ours", upstream={"name": "<script>"})
        assert "&lt;script&gt;" in admin.get(f"{CHANNELS}{channel.pk}/change/").content.decode()


class TestWhatIsRead:
    def test_interval_and_filters_are_set_on_the_channels_page(self, admin: Client) -> None:
        channel = make_channel()
        typed = {"interval_minutes": 5, "title_pattern": "^Live", "shortest_seconds": 60, "longest_seconds": 600}
        save(admin, channel, **typed)
        fresh = Channel.objects.get()
        assert {name: getattr(fresh, name) for name in typed} == typed

    @pytest.mark.parametrize(
        ("typed", "words"),
        [
            ({"title_pattern": "(unclosed"}, "This is no regular expression: missing ), unterminated subpattern"),
            (
                {"shortest_seconds": 9, "longest_seconds": 8},
                "No video is 9 seconds or longer and 8 seconds or shorter.",
            ),
            ({"interval_minutes": 0}, "An interval is at least one minute"),
        ],
    )
    def test_what_cannot_work_is_refused_in_words(self, typed: dict[str, Any], words: str, admin: Client) -> None:
        assert words in save(admin, make_channel(), **typed)
        assert Channel.objects.get().title_pattern == ""

    def test_a_list_is_switched_off_and_nothing_else_of_its_row_is_written(self, admin: Client) -> None:
        tab = make_tab()
        save(admin, tab.channel, **{"tabs-0-is_followed": False})
        assert not ChannelTab.objects.get().is_followed
        assert ChannelTab.objects.get().next_check_at == tab.next_check_at

    def test_what_is_known_of_a_lists_rhythm_is_shown(self, admin: Client) -> None:
        tab = make_tab(newest_at=timezone.now() - timedelta(days=3, minutes=1), publishes_every_minutes=2880)
        page = admin.get(f"{CHANNELS}{tab.channel.pk}/change/").content.decode()
        assert "one about every 2\xa0days" in page
        assert "3\xa0days ago" in page

    def test_an_alias_can_still_be_taken_away(self, admin: Client) -> None:
        channel = make_channel()
        channel.aliases.create(key="youtube:@wrong")
        save(admin, channel, **{"aliases-0-DELETE": "on"})
        assert not channel.aliases.exists()


class TestHealth:
    @pytest.mark.parametrize(
        ("fields", "words"),
        [
            ({}, "well"),
            ({"gone_proofs": [{"at": "2026-01-01T00:00:00+00:00", "way": "list"}]}, "seems gone (1 proof)"),
            ({"gone_proofs": [{}], "gone_at": timezone.now()}, f"gone since {timezone.now():%Y-%m-%d}"),
            ({"is_active": False}, "paused"),
        ],
    )
    def test_it_is_told_in_words(self, fields: dict[str, Any], words: str, admin: Client) -> None:
        make_tab(make_channel(**fields))
        assert words in admin.get(CHANNELS).content.decode()

    def test_lists_that_are_not_followed_are_told(self, admin: Client) -> None:
        channel = make_tab(is_followed=False).channel
        assert "unfollowed: none of its lists is read" in admin.get(CHANNELS).content.decode()
        make_tab(channel, kind="shorts")
        assert "(videos not followed)" in admin.get(CHANNELS).content.decode()

    def test_former_names_are_shown(self, admin: Client) -> None:
        channel = make_channel(name="Now")
        told(channel, name="Later")
        page = admin.get(f"{CHANNELS}{channel.pk}/change/").content.decode()
        assert f"“Now” until {timezone.now():%Y-%m-%d}" in page
