"""The Celery tasks of the scraping app."""

from celery import shared_task

from scraping import schedule


@shared_task(name="scraping.dispatch_due", ignore_result=True)
def dispatch_due() -> None:
    """Scrape the tabs whose time has come."""
    schedule.dispatch_due()


@shared_task(name="scraping.dispatch_details", ignore_result=True)
def dispatch_details() -> None:
    """Read the pages of videos of which something is missing."""
    schedule.dispatch_details()
