"""What an operator may type."""

import pytest
from pytest_django.fixtures import Settings

from channels.addresses import Actor, AddressError, parse_address, peertube_actor

KURZGESAGT = "https://www.youtube.com/@kurzgesagt"


@pytest.mark.parametrize(
    "typed",
    [
        "@kurzgesagt",
        "  @Kurzgesagt ",
        "youtube.com/@kurzgesagt",
        "https://www.youtube.com/@kurzgesagt/",
        "http://m.youtube.com/@kurzgesagt/videos",
        "https://www.youtube.com/@kurzgesagt/shorts?view=0",
        "https://music.youtube.com/@kurzgesagt",
    ],
)
def test_every_form_of_one_handle_has_the_same_key(typed: str) -> None:
    assert parse_address(typed).key == parse_address(KURZGESAGT).key == "youtube:@kurzgesagt"


def test_channel_ids_keep_their_capitals() -> None:
    address = parse_address("UCsXVk37bltHxD1rDPwtNM8Q")
    assert address.key == "youtube:UCsXVk37bltHxD1rDPwtNM8Q"
    assert address.url == "https://www.youtube.com/channel/UCsXVk37bltHxD1rDPwtNM8Q"


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("https://www.youtube.com/c/Kurzgesagt", "youtube:c/kurzgesagt"),
        ("https://www.youtube.com/user/Vsauce/videos", "youtube:user/vsauce"),
        ("https://www.youtube.com/playlist?list=PL8dPuuaLjXtOAK", "youtube:PL8dPuuaLjXtOAK"),
        ("https://www.tiktok.com/@sonypictures", "www.tiktok.com/@sonypictures"),
        ("framatube.org/c/lqdn_channel@video.lqdn.fr/videos", "framatube.org/c/lqdn_channel@video.lqdn.fr/videos"),
    ],
)
def test_other_forms_are_understood(typed: str, key: str) -> None:
    assert parse_address(typed).key == key


def test_the_tab_of_an_address_is_remembered() -> None:
    assert parse_address(f"{KURZGESAGT}/shorts").tab == "shorts"


@pytest.mark.parametrize(
    "typed",
    ["", "   ", "kurzgesagt", "not a url", "1", "ftp://example.com/x", "file:///etc/passwd", "https://",
     "javascript:alert(1)",
     "https://user:secret@example.com/", "a" * 600, "https://example.com/\x00", "https://[::1", "https://www.youtube.com/",
     "https://www.youtube.com/@a/b/c", "https://example.com:99999/", "feed:", "name@instance", "a@b@c.org",
     "https://www.youtube.com/feeds/videos.xml"],
)  # fmt: skip
def test_what_is_no_address_is_refused_and_told_what_is_accepted(typed: str) -> None:
    with pytest.raises(AddressError, match="Give a channel's address"):
        parse_address(typed)


@pytest.mark.parametrize(
    "typed",
    ["https://www.youtube.com/watch?v=D0WQK7cMJn8", "https://youtu.be/D0WQK7cMJn8", "https://www.youtube.com/shorts/abc",
     "https://www.youtube.com/live/abc", "https://www.tiktok.com/@sonypictures/video/7301234567890123456?lang=en"],
)  # fmt: skip
def test_a_video_is_told_from_a_channel(typed: str) -> None:
    assert parse_address(typed).is_video


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "LOCALHOST.", "foo.localhost", "10.1.2.3", "192.168.0.9", "172.16.5.5",
     "169.254.169.254",
     "[::1]", "[fe80::1]", "[fd00::1]", "[::ffff:127.0.0.1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "2130706433",
     "0x7f000001", "0177.0.0.1", "127.1", "0.0.0.0", "100.64.0.1", "printer", "nas.local", "db.internal", "224.0.0.1"],
)  # fmt: skip
def test_private_hosts_are_refused_in_every_form(host: str) -> None:
    with pytest.raises(AddressError, match=r"private network|not an address"):
        parse_address(f"http://{host}/c/x")


def test_a_private_host_that_is_listed_is_accepted(settings: Settings) -> None:
    settings.ALLOW_PRIVATE_HOSTS = ["nas.local", "10.0.0.0/8"]
    assert parse_address("http://nas.local/c/x").url == "http://nas.local/c/x"
    assert parse_address("http://10.1.2.3:9000/c/x").key == "10.1.2.3:9000/c/x"


@pytest.mark.parametrize(
    "typed",
    ["framatube.org/c/joinpeertube", "https://framatube.org/c/joinpeertube/", "https://Framatube.org/c/joinpeertube/videos",
     "https://framatube.org/c/joinpeertube/videos?s=1", "https://framatube.org/video-channels/joinpeertube",
     "https://framatube.org/c/joinpeertube@framatube.org/video-playlists"],
)  # fmt: skip
def test_every_page_of_a_peertube_channel_has_the_same_key(typed: str) -> None:
    assert parse_address(typed).key == "framatube.org/c/joinpeertube"


@pytest.mark.parametrize("path", ["a/framasoft", "a/framasoft/video-channels", "accounts/framasoft"])
def test_every_page_of_a_peertube_account_has_the_same_key(path: str) -> None:
    assert parse_address(f"https://framatube.org/{path}").key == "framatube.org/a/framasoft"


@pytest.mark.parametrize("path", ["c/lqdn_channel@video.lqdn.fr", "video-channels/lqdn_channel%40video.lqdn.fr/about"])
def test_every_page_of_a_channel_of_another_instance_has_the_same_key(path: str) -> None:
    key = parse_address("https://framatube.org/c/lqdn_channel@video.lqdn.fr/videos").key
    assert parse_address(f"https://framatube.org/{path}").key == key


@pytest.mark.parametrize(
    "typed", ["framasoft@framatube.org", "@framasoft@Framatube.org", "framatube.org/@framasoft@framatube.org"]
)
def test_a_peertube_handle_leads_to_its_instance(typed: str) -> None:
    address = parse_address(typed)
    assert (address.platform, address.key) == ("peertube", "peertube:framasoft@framatube.org")
    assert peertube_actor(address.url) == Actor("https://framatube.org", "@", "framasoft")


def test_the_address_of_a_peertube_handle_is_understood_again() -> None:
    address = parse_address("framasoft@framatube.org")
    assert parse_address(address.url) == address


def test_a_peertube_handle_on_a_private_host_is_refused() -> None:
    with pytest.raises(AddressError, match="private network"):
        parse_address("framasoft@10.0.0.12")


@pytest.mark.parametrize(
    "url",
    ["https://mastodon.social/@somebody", "https://mastodon.social/@a@b.org", "https://www.patreon.com/c/somebody",
     "https://example.org/c/a/b", "https://example.org/c/news?feed=rss", "https://www.tiktok.com/c/x", "https://example.org/"],
)  # fmt: skip
def test_what_has_not_the_form_of_peertube_is_no_actor(url: str) -> None:
    assert peertube_actor(url) is None


def test_a_query_that_may_matter_stays_in_the_key() -> None:
    assert parse_address("https://example.org/c/news?feed=rss").key == "example.org/c/news?feed=rss"


@pytest.mark.parametrize(
    ("query", "same"),
    [
        ("channel_id=UCsXVk37bltHxD1rDPwtNM8Q", "UCsXVk37bltHxD1rDPwtNM8Q"),
        ("playlist_id=PL8dPuuaLjXtOAK", "https://www.youtube.com/playlist?list=PL8dPuuaLjXtOAK"),
        ("user=Vsauce", "https://www.youtube.com/user/Vsauce"),
    ],
)
def test_a_feed_of_youtube_is_what_it_is_the_feed_of(query: str, same: str) -> None:
    assert parse_address(f"https://www.youtube.com/feeds/videos.xml?{query}") == parse_address(same)


@pytest.mark.parametrize(
    "typed", ["feed:https://example.org/a.xml", "feed://example.org/a.xml", "FEED:example.org/a.xml"]
)
def test_the_scheme_of_feeds_is_that_of_web_pages(typed: str) -> None:
    assert parse_address(typed).url == "https://example.org/a.xml"


@pytest.mark.parametrize(
    "typed",
    [
        "https://www.tiktok.com/@sonypictures?lang=en",
        "tiktok.com/@SonyPictures",
        "https://m.tiktok.com/@sonypictures/live",
    ],
)
def test_every_form_of_a_tiktok_handle_has_the_same_key(typed: str) -> None:
    address = parse_address(typed)
    assert (address.key, address.is_video) == ("www.tiktok.com/@sonypictures", False)
    assert "?" not in address.url
