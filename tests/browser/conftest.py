"""A real server and a real browser."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.backend import required

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Headless Chromium, gone before other tests: they could not run an event loop beside Playwright's.

    Skips, or fails where it is required.
    """
    if CHROMIUM is None:
        if required("BROWSER"):
            pytest.fail("Chromium is required but not installed.")
        pytest.skip("Chromium is not installed")
    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    # Playwright runs an event loop in this thread, which Django would take for an asynchronous view.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@contextmanager
def logged_in(browser: Browser, address: str, user: User) -> Iterator[Page]:
    """A page at a desktop's width with a session of a user."""
    client = Client()
    client.force_login(user)
    context = browser.new_context(viewport={"width": 1280, "height": 800}, base_url=address)
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": address}])
    try:
        yield context.new_page()
    finally:
        context.close()


@pytest.fixture
def desktop_page(browser: Browser, site: str, admin_user: User) -> Iterator[Page]:
    """The admin at a desktop's width, for what depends neither on the width nor on how one logs in."""
    with logged_in(browser, site, admin_user) as page:
        yield page


@pytest.fixture(params=[(1280, 800), (390, 844)], ids=["desktop", "phone"])
def admin_page(request: pytest.FixtureRequest, browser: Browser, site: str, admin_user: User) -> Iterator[Page]:
    """The admin, logged in by keyboard alone, at a desktop's and a phone's width."""
    width, height = request.param
    context = browser.new_context(viewport={"width": width, "height": height}, base_url=site)
    page = context.new_page()
    page.goto("/admin/")
    # Keys pressed before the page has moved the focus would be lost.
    expect(page.get_by_label("Username:")).to_be_focused()
    page.keyboard.type(admin_user.get_username())
    page.keyboard.press("Tab")
    page.keyboard.type("password")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Log out")).to_be_visible()
    yield page
    context.close()
