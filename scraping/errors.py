"""What can go wrong with a platform, each with its policy: whom it blocks, whether it passes, when to look again."""

from datetime import timedelta

from nisam.lib.errors import Blocks, OperationError


class ScrapeError(OperationError):
    """Any failure of a platform to give what was asked; also the class of what nobody has classified yet."""

    blocks = Blocks.TAB
    default_retry_after = timedelta(hours=1)


class RateLimitedError(ScrapeError):
    """The host says that we ask too often."""

    code = "rate_limited"
    blocks = Blocks.HOST
    default_retry_after = timedelta(minutes=15)


class BotCheckError(ScrapeError):
    """The host wants a proof that we are no robot."""

    code = "bot_check"
    blocks = Blocks.HOST
    default_retry_after = timedelta(hours=1)


class HostRestingError(ScrapeError):
    """The host failed of late and is left alone; nothing was asked of it."""

    code = "host_resting"
    blocks = Blocks.HOST


class HostBusyError(ScrapeError):
    """The host is asked by so many that this request's turn is too far away to wait for."""

    code = "host_busy"
    blocks = Blocks.HOST


class ForbiddenError(ScrapeError):
    """One address is not for everybody; the host itself answers well."""

    code = "forbidden"
    default_retry_after = timedelta(days=1)


class LayoutChangedError(ScrapeError):
    """The platform's replies suddenly lack what they always had: what is read from them cannot be trusted."""

    code = "layout_changed"
    default_retry_after = timedelta(hours=1)


class WrongChannelError(ScrapeError):
    """The reply is about another channel than the one that was asked for."""

    code = "wrong_channel"
    default_retry_after = timedelta(hours=6)


class LoginRequiredError(ScrapeError):
    """Only for users with an account."""

    code = "login_required"
    blocks = Blocks.VIDEO
    default_retry_after = timedelta(days=7)


class MembersOnlyError(ScrapeError):
    """Only for paying members of the channel."""

    code = "members_only"
    blocks = Blocks.VIDEO
    default_retry_after = timedelta(days=7)


class AgeRestrictedError(ScrapeError):
    """Only for adults with an account."""

    code = "age_restricted"
    blocks = Blocks.VIDEO
    default_retry_after = timedelta(days=7)


class GeoBlockedError(ScrapeError):
    """Not for the country this machine is in."""

    code = "geo_blocked"
    blocks = Blocks.VIDEO
    default_retry_after = timedelta(days=7)


class PrivateError(ScrapeError):
    """Hidden by its owner."""

    code = "private"
    blocks = Blocks.VIDEO
    default_retry_after = timedelta(days=7)


class RemovedError(ScrapeError):
    """Taken away by its owner or the platform."""

    code = "removed"
    permanent = True
    blocks = Blocks.VIDEO
    default_retry_after = timedelta(days=30)


class NotYetLiveError(ScrapeError):
    """Announced, not begun."""

    code = "not_yet_live"
    blocks = Blocks.VIDEO
    default_retry_after = timedelta(hours=1)


class TabMissingError(ScrapeError):
    """The channel has no such list."""

    code = "tab_missing"
    blocks = Blocks.TAB
    default_retry_after = timedelta(days=7)


class ChannelGoneError(ScrapeError):
    """The platform says that there is no such channel. One such answer proves nothing: it is asked again."""

    code = "channel_gone"
    blocks = Blocks.CHANNEL
    default_retry_after = timedelta(days=1)


class NetworkError(ScrapeError):
    """The host could not be reached, broke the connection or had an error of its own."""

    code = "network"
    transient = True
    blocks = Blocks.NOTHING
    default_retry_after = timedelta(seconds=5)


class TimedOutError(ScrapeError):
    """The host took too long."""

    code = "timeout"
    transient = True
    blocks = Blocks.NOTHING
    default_retry_after = timedelta(seconds=10)


class ParseError(ScrapeError):
    """The reply could not be understood: the platform has changed, or what it sent is cut or degraded."""

    code = "parse"
    default_retry_after = timedelta(hours=6)


class UnsupportedError(ScrapeError):
    """No source reads this address."""

    code = "unsupported"
    permanent = True
    blocks = Blocks.CHANNEL


class PrivateHostError(ScrapeError):
    """The address leads to a private network, by its name or by a redirect."""

    code = "private_host"
    permanent = True
    blocks = Blocks.CHANNEL


class ResponseTooLargeError(ScrapeError):
    """The host sent more than NISAM_SCRAPE_MAX_RESPONSE_BYTES."""

    code = "too_large"
    default_retry_after = timedelta(days=1)
