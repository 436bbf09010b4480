"""Many channels at once in the admin."""

import re
from html import unescape

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from channels.models import Channel
from tests.builders import make_recorded_channel

pytestmark = pytest.mark.django_db
CHANNELS = "/admin/channels/channel/"
ADD_MANY = f"{CHANNELS}add-many/"
VSAUCE = "UC6nSFpj9HTCZ5t-N3Rm3-HA"


@pytest.fixture
def admin(client: Client, admin_user: User) -> Client:
    client.force_login(admin_user)
    return client


@pytest.fixture
def visitor(client: Client, django_user_model: type[User]) -> Client:
    """Somebody who may enter the admin and nothing else."""
    client.force_login(django_user_model.objects.create_user("visitor", is_staff=True))
    return client


def show(admin: Client, pasted: str) -> str:
    """The preview of a pasted list."""
    return admin.post(ADD_MANY, {"pasted": pasted}).content.decode()


def test_the_list_of_channels_leads_there(admin: Client) -> None:
    page = admin.get(CHANNELS).content.decode()
    assert all(f'href="{CHANNELS}{path}"' in page for path in ("add-many/", "export/opml/", "export/csv/"))


def test_a_pasted_list_is_shown_and_nothing_is_followed_yet(admin: Client) -> None:
    make_recorded_channel(VSAUCE)
    page = show(admin, f"@one, <b>One</b>\n{VSAUCE}\n@one\nnonsense")
    assert "1 new" in page
    assert "The same as 1 in this list." in page
    assert "“nonsense” is not an address." in page
    assert "&lt;b&gt;One&lt;/b&gt;" in page
    assert 'value="Follow 1 channel"' in page
    assert Channel.objects.count() == 1


def test_what_was_shown_is_followed(admin: Client) -> None:
    page = show(admin, "@one, O'Neill, & Söhne\n@two\nnonsense")
    found = re.search(r'name="text" value="([^"]*)"', page)
    assert found
    answer = admin.post(ADD_MANY, {"text": unescape(found[1]), "follow": "Follow"}, follow=True)
    assert "2 channels are followed now." in answer.content.decode()
    assert set(Channel.objects.values_list("name", flat=True)) == {"O'Neill, & Söhne", "youtube.com/@two"}


def test_following_a_page_twice_adds_nothing(admin: Client) -> None:
    for words in ("1 channel is followed now.", "All of them were there already."):
        answer = admin.post(ADD_MANY, {"text": "@one\t", "follow": "Follow"}, follow=True)
        assert words in answer.content.decode()
    assert Channel.objects.count() == 1


def test_a_list_without_anything_new_offers_no_button(admin: Client) -> None:
    make_recorded_channel(VSAUCE)
    assert 'name="follow"' not in show(admin, VSAUCE)


def test_a_file_is_read_by_its_content(admin: Client) -> None:
    file = SimpleUploadedFile("photo.jpg", b"\xef\xbb\xbf@one\r\n@two\r\n")
    assert 'value="Follow 2 channels"' in admin.post(ADD_MANY, {"file": file}).content.decode()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"<opml", "Accepted are one address"),
        (b"\xff\x00\xff", "not text in UTF-8"),
        (b"", "empty"),
        (b"a" * (5 * 1024 * 1024 + 1), "too large"),
        ("\n".join(f"@channel{number}, {'é' * 150}" for number in range(10_000)).encode(), "too long for a page"),
    ],
    ids=["half", "binary", "empty", "large", "long"],
)
def test_a_file_that_cannot_be_read_is_explained_in_the_form(data: bytes, words: str, admin: Client) -> None:
    answer = admin.post(ADD_MANY, {"file": SimpleUploadedFile("list", data)})
    assert answer.status_code == 200
    assert words in answer.content.decode()


@pytest.mark.parametrize("pasted", ["", "\x00"])
def test_nothing_pasted_is_explained_in_the_form(pasted: str, admin: Client) -> None:
    assert "errorlist" in show(admin, pasted)


def test_a_forged_step_two_is_explained(admin: Client) -> None:
    answer = admin.post(ADD_MANY, {"text": "<opml", "follow": "Follow"}, follow=True)
    assert "Accepted are one address" in answer.content.decode()


@pytest.mark.parametrize("format_name", ["opml", "csv"])
def test_an_export_is_a_file_to_save(format_name: str, admin: Client) -> None:
    make_recorded_channel(VSAUCE)
    answer = admin.get(f"{CHANNELS}export/{format_name}/")
    assert answer["Content-Disposition"] == f'attachment; filename="channels.{format_name}"'
    assert VSAUCE in answer.content.decode()


def test_an_unknown_format_is_a_404(admin: Client) -> None:
    assert admin.get(f"{CHANNELS}export/pdf/").status_code == 404


@pytest.mark.parametrize("path", ["add-many/", "export/opml/"])
def test_who_may_not_is_refused(path: str, visitor: Client) -> None:
    assert visitor.get(f"{CHANNELS}{path}").status_code == 403
    assert visitor.post(f"{CHANNELS}{path}", {"text": "@one", "follow": "Follow"}).status_code == 403
    assert not Channel.objects.exists()


def test_nobody_is_asked_to_log_in(client: Client) -> None:
    assert "/admin/login/" in client.get(ADD_MANY)["Location"]
