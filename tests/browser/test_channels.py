"""Paste a channel's address, see its videos arrive."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.builders import make_tab
from tests.processes import until
from videos.models import Video

pytestmark = pytest.mark.django_db(transaction=True)
KURZGESAGT = "youtube-kurzgesagt-videos-2026-01"


def test_an_address_is_pasted_and_its_videos_arrive(admin_page: Page, worker: Callable[..., Any]) -> None:
    worker(KURZGESAGT)
    admin_page.goto("/admin/channels/channel/add/")
    admin_page.keyboard.insert_text("https://www.youtube.com/@kurzgesagt")
    admin_page.keyboard.press("Enter")
    expect(admin_page.get_by_text("finds out who it is and reads its videos")).to_be_visible()
    until(lambda: Video.objects.count() == 60)
    admin_page.goto("/admin/channels/channel/")
    row = admin_page.locator("#result_list tbody tr")
    expect(row).to_contain_text("Kurzgesagt")
    expect(row).to_contain_text("60")
    expect(row.get_by_text("well")).to_be_visible()


def test_no_list_of_the_admin_is_wider_than_the_window(admin_page: Page) -> None:
    tab = make_tab()
    tab.channel.error_message = "The site asks us to slow down. " * 5
    tab.channel.save()
    admin_page.goto("/admin/channels/channel/")
    expect(admin_page.get_by_text("failing")).to_be_in_viewport()
    overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert admin_page.evaluate(overflow) == 0
