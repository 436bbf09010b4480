"""What an operator puts at the top of the site: in the admin, and by command."""

from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client

from nisam.freshness.models import Version
from tests.builders import make_channel, make_entry
from videos.ingest import ingest
from videos.models import Video

pytestmark = pytest.mark.django_db
VIDEOS = "/admin/videos/video/"


@pytest.fixture
def admin(client: Client, admin_user: User) -> Client:
    client.force_login(admin_user)
    return client


@pytest.fixture
def videos() -> list[Video]:
    """The newest first."""
    ingest(make_channel(), [make_entry(name, title=f"Video {name}") for name in ("a", "b", "c")])
    return list(Video.objects.newest_first())


def act(admin: Client, action: str, *videos: Video, query: str = "") -> str:
    data = {"action": action, "_selected_action": [video.pk for video in videos]}
    return admin.post(f"{VIDEOS}{query}", data, follow=True).content.decode()


def top(client: Client) -> str:
    return str(client.get("/api/videos/hero").json()["externalId"])


def run(*arguments: str) -> str:
    output = StringIO()
    call_command("feature_video", *arguments, stdout=output)
    return output.getvalue()


def test_a_video_is_put_at_the_top(admin: Client, videos: list[Video]) -> None:
    assert "“Video b” stands at the top of the site." in act(admin, "feature", videos[1])
    assert top(admin) == "b"


def test_one_stands_there_instead_of_another(admin: Client, videos: list[Video]) -> None:
    act(admin, "feature", videos[1])
    act(admin, "feature", videos[2])
    assert top(admin) == "c"
    act(admin, "feature_no_more", videos[2])
    assert top(admin) == "a"


def test_several_at_once_are_refused_in_words(admin: Client, videos: list[Video]) -> None:
    assert "choose one" in act(admin, "feature", *videos)
    assert not Video.objects.exclude(featured_at=None).exists()


def test_a_deleted_video_is_refused_in_words(admin: Client, videos: list[Video]) -> None:
    Video.objects.filter(pk=videos[1].pk).tombstone()
    assert "restore it first" in act(admin, "feature", videos[1], query="?deleted=yes")
    assert top(admin) == "a"


def test_taking_down_what_does_not_stand_there_says_so(admin: Client, videos: list[Video]) -> None:
    act(admin, "feature", videos[1])
    assert "None of them was put at the top." in act(admin, "feature_no_more", videos[2])
    assert top(admin) == "b"


def test_the_list_shows_what_stands_there_and_can_be_cut_to_it(admin: Client, videos: list[Video]) -> None:
    assert "field-at_top" in admin.get(VIDEOS).content.decode()
    act(admin, "feature", videos[1])
    page = admin.get(f"{VIDEOS}?top=yes").content.decode()
    assert '<td class="field-at_top"><time' in page
    assert "Video b" in page
    assert "Video a" not in page


def test_looking_on_is_not_enough_to_choose(client: Client, django_user_model: type[User], videos: list[Video]) -> None:
    client.force_login(django_user_model.objects.create_user("visitor", is_staff=True))
    act(client, "feature", videos[1])
    assert not Video.objects.exclude(featured_at=None).exists()


@pytest.mark.django_db(transaction=True)
def test_the_top_changes_at_once(videos: list[Video]) -> None:
    before = Version.objects.filter(group="hero").values_list("token", flat=True).first()
    videos[1].feature()
    assert Version.objects.get(group="hero").token != before


def test_the_command_takes_a_slug_or_an_id_and_clears(client: Client, videos: list[Video]) -> None:
    assert run(videos[1].slug) == "“Video b” stands at the top of the site.\n"
    assert top(client) == "b"
    run(str(videos[2].pk))
    assert top(client) == "c"
    run("--clear")
    assert top(client) == "a"


@pytest.mark.parametrize("arguments", [("nothing",), ("00000000-0000-0000-0000-000000000000",), (), ("x", "--clear")])
def test_the_command_refuses_what_is_no_video(arguments: tuple[str, ...], videos: list[Video]) -> None:
    with pytest.raises(CommandError):
        run(*arguments)
