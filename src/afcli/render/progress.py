"""A progress bar for long tasks."""

from __future__ import annotations

from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

from rich.console import Console
from rich.progress import Progress

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@contextmanager
def bar(title: str, stream: IO[str]) -> Iterator[Callable[[int, int], None]]:
    """Give what draws a bar on *stream*, of how much of how much is done; it vanishes at the end."""
    with Progress(console=Console(file=stream), transient=True) as drawn:
        task = drawn.add_task(title, total=None)
        yield lambda done, total: drawn.update(task, completed=done, total=total)
