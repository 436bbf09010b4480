"""What an operator may type."""

import pytest
from pytest_django.fixtures import Settings

from channels.addresses import AddressError, parse_address

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
     "https://www.youtube.com/@a/b/c", "https://example.com:99999/"],
)  # fmt: skip
def test_what_is_no_address_is_refused_and_told_what_is_accepted(typed: str) -> None:
    with pytest.raises(AddressError, match="Give a channel's address"):
        parse_address(typed)


@pytest.mark.parametrize(
    "typed",
    ["https://www.youtube.com/watch?v=D0WQK7cMJn8", "https://youtu.be/D0WQK7cMJn8", "https://www.youtube.com/shorts/abc",
     "https://www.youtube.com/live/abc"],
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
