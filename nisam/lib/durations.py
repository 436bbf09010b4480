"""Spans of time as people read them, the same in the browser (static/js/automation/words.js)."""

from datetime import timedelta


def duration_words(span: timedelta | None) -> str:
    """0.4 s, 12 s, 3 min 12 s, 2 h 5 min, 3 days; a dash for nothing."""
    if span is None:
        return "–"
    seconds = max(span.total_seconds(), 0)
    if seconds < 9.95:  # noqa: PLR2004 - what is shown as 10 s needs no decimal
        return f"{seconds:.1f} s"
    whole = round(seconds)
    minutes = whole // 60
    if not minutes:
        return f"{whole} s"
    if minutes < 60:  # noqa: PLR2004 - an hour
        return f"{minutes} min {whole % 60} s"
    hours = minutes // 60
    return f"{hours} h {minutes % 60} min" if hours < 48 else f"{hours // 24} days"  # noqa: PLR2004 - two days
