"""Numbers in sentences."""


def number_of(number: int, noun: str) -> str:
    """A number of things whose plural is made with an s: `1 row`, `1,200 rows`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
