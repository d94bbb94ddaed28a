"""The errors that afcli raises on purpose; each knows its exit status and what to do next."""

from collections.abc import Sequence
from typing import ClassVar

_LISTED = 12
"""How many things to list for an ambiguous name."""


def reason(error: OSError) -> str:
    """Return the system's reason, for use within a sentence."""
    return (error.strerror or str(error)).lower()


class AfcliError(Exception):
    """Say in one line what is wrong and what to do about it."""

    exit_status: ClassVar[int] = 2

    def lines(self) -> list[str]:
        """Return the message as lines for standard error."""
        return [f"afcli: {self}"]


class UsageError(AfcliError):
    """Reject an argument of the wrong form."""


class NotFoundError(AfcliError):
    """Name something that does not exist, and the nearest things that do."""

    exit_status = 1

    def __init__(self, kind: str, name: str, suggestions: Sequence[str] = ()) -> None:
        """Take the *kind* of thing sought, its *name* as typed, and what may have been meant."""
        message = f"no {kind} called {name!r}"
        if suggestions:
            message += "; did you mean " + " or ".join(suggestions) + "?"
        super().__init__(message)
        self.suggestions = list(suggestions)


class WriteError(AfcliError):
    """Name a file that the system will not let us write or remove."""

    exit_status = 74


class EngineError(AfcliError):
    """Say why what has to answer, a cluster or a command of the user's, does not."""

    exit_status = 4


class MeaningError(AfcliError):
    """Say why a query cannot be answered by meaning; it is answered by words alone."""


class AmbiguousError(AfcliError):
    """List the things that a name may mean."""

    exit_status = 1

    def __init__(self, kinds: str, name: str, found: Sequence[tuple[str, str]]) -> None:
        """Take what is sought, in the plural, its *name* as typed, and a name and description for each thing."""
        refs = ", ".join([*(ref for ref, _ in found[:_LISTED]), *(["..."] if len(found) > _LISTED else [])])
        super().__init__(f"{len(found)} {kinds} match {name!r}: {refs}; name one of them")
        self.found = list(found[:_LISTED])

    def lines(self) -> list[str]:
        """Return the message, and a line for each thing."""
        return [*super().lines(), *(f"  {ref}  {said}" for ref, said in self.found)]


class DamagedError(AfcliError):
    """Say that the index is damaged or of another version: it must be rebuilt."""

    exit_status = 74


class UnfinishedError(AfcliError):
    """Name an interrupted change of a fact base, and what to do about it."""

    exit_status = 3
