"""From a platform's words and status codes to the classes of errors.py. The order of the rules matters."""

import re
from datetime import UTC, timedelta
from email.utils import parsedate_to_datetime

from django.utils import timezone

from scraping import errors

LONGEST_WAIT = timedelta(days=7)
# Both the age gate and the bot check begin with "Sign in to confirm": they come before the plain login.
_RULES: tuple[tuple[str, type[errors.ScrapeError]], ...] = (
    (r"confirm your age|age.restricted|inappropriate for some users", errors.AgeRestrictedError),
    (r"not a bot|captcha|unusual traffic", errors.BotCheckError),
    (r"too many requests|rate.?limit|resource has been exhausted", errors.RateLimitedError),
    (r"channel'?s members|members.only|join this channel", errors.MembersOnlyError),
    (r"private (video|account|playlist)|(video|account|playlist) is private", errors.PrivateError),
    (r"(in|for|from) your (country|location|region)|geo.?restrict", errors.GeoBlockedError),
    (r"premieres in|event will begin|will begin (in|at)|not yet (live|started)", errors.NotYetLiveError),
    (r"no suitable extractor|unsupported url", errors.UnsupportedError),
    (r"does not have an? \S+ tab", errors.TabMissingError),
    (
        r"(channel|playlist) does not exist|channel was removed|account has been (terminated|suspended)"
        r"|channel is not available|user (was )?not found|unable to find user|account not found",
        errors.ChannelGoneError,
    ),
    (r"sign in|log ?in|account is required|cookies", errors.LoginRequiredError),
    (
        r"video (is )?unavailable|has been removed|no longer available|video does not exist",
        errors.RemovedError,
    ),
    (r"timed? ?out", errors.TimedOutError),
    (r"connection|temporary failure|cannot be re(ached|solved)|incomplete ?read|ssl", errors.NetworkError),
    (
        r"unable to (extract|recognize|parse|find)|failed to parse|unexpected|no video formats",
        errors.ParseError,
    ),
)
_STATUSES: dict[int, tuple[type[errors.ScrapeError], str]] = {
    401: (errors.LoginRequiredError, "The site wants a login."),
    403: (errors.BotCheckError, "The site refuses to answer this machine."),
    404: (errors.ChannelGoneError, "There is nothing at this address."),
    408: (errors.TimedOutError, "The site took too long."),
    410: (errors.ChannelGoneError, "What was at this address is gone."),
    429: (errors.RateLimitedError, "The site asks us to slow down."),
    451: (errors.GeoBlockedError, "The site may not show this here, for legal reasons."),
    504: (errors.TimedOutError, "The site took too long."),
}
_SERVER_ERRORS = range(500, 600)
# yt-dlp's frame around the platform's words, and its advice to people at a command line.
_FRAME = re.compile(r"^(ERROR:\s*)?(\[[\w:]+\]\s*)?([^\s:]+:\s+)?(YouTube said:\s*)?(ERROR - )?", re.IGNORECASE)
_ADVICE = re.compile(r"\s*(Use --\w|; please report|\(caused by|You might want to use a VPN).*$", re.DOTALL)


def plain_words(message: str) -> str:
    """A platform's own sentence, without what yt-dlp wraps around it."""
    return _ADVICE.sub("", _FRAME.sub("", message.strip())).strip() or "It failed without saying why."


def classify(message: str, status: int | None, retry_after: str | None = None) -> errors.ScrapeError:
    """The error that a message and an HTTP status (None: no answer) stand for.

    `retry_after` is the header of that name: seconds or a date (RFC 9110 section 10.2.3).
    """
    wait = _wait(retry_after) if retry_after else None
    if status in _STATUSES:
        error, words = _STATUSES[status]
        return error(f"{words} (HTTP {status})", retry_after=wait)
    if status in _SERVER_ERRORS:
        return errors.NetworkError(f"The site has an error of its own. (HTTP {status})", retry_after=wait)
    words = plain_words(message)
    for pattern, error in _RULES:
        if re.search(pattern, message, re.IGNORECASE):
            return error(words, retry_after=wait)
    return errors.ScrapeError(words, retry_after=wait)


def _wait(retry_after: str) -> timedelta | None:
    """What a host asks for, a week at most; None for what is neither seconds nor a date."""
    if retry_after.isascii() and retry_after.isdigit():
        return timedelta(seconds=min(int(retry_after), LONGEST_WAIT.total_seconds()))
    try:
        moment = parsedate_to_datetime(retry_after)
    except ValueError:
        return None
    return min(max(moment.astimezone(UTC) - timezone.now(), timedelta(0)), LONGEST_WAIT)
