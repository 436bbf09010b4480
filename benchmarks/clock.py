"""Stopwatches put around functions while a benchmark runs, and taken away after it."""

import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from types import TracebackType
from typing import Any
from unittest.mock import patch


class Clock:
    """Seconds by what they were spent on."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)

    @contextmanager
    def spent_on(self, name: str, now: Callable[[], float] = time.perf_counter) -> Iterator[None]:
        """Count the block."""
        began = now()
        try:
            yield
        finally:
            self.seconds[name] += now() - began

    def calls(self, name: str, function: Callable[..., Any], now: Callable[[], float] = time.perf_counter) -> Any:
        """The function, its calls counted."""

        def timed(*arguments: Any, **named: Any) -> Any:
            with self.spent_on(name, now):
                return function(*arguments, **named)

        return timed

    def ends(self, name: str, make: Callable[..., AbstractContextManager[Any]]) -> Any:
        """What makes a context, its way in and its way out counted, but not what happens between them."""
        return lambda *arguments, **named: _Ends(self, name, make(*arguments, **named))


class _Ends(AbstractContextManager[Any]):
    def __init__(self, clock: Clock, name: str, context: AbstractContextManager[Any]) -> None:
        self.clock, self.name, self.context = clock, name, context

    def __enter__(self) -> Any:
        with self.clock.spent_on(self.name):
            return self.context.__enter__()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> bool | None:
        with self.clock.spent_on(self.name):
            return self.context.__exit__(kind, error, where)


@contextmanager
def replaced(*replacements: tuple[Any, str, Any]) -> Iterator[None]:
    """Inside the block, attributes of modules and classes are others: (owner, name, replacement)."""
    with ExitStack() as stack:
        for owner, name, replacement in replacements:
            stack.enter_context(patch.object(owner, name, replacement))
        yield
