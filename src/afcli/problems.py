"""What is wrong in the files of a fact base."""

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from afcli.errors import AfcliError


class Problem(NamedTuple):
    """One thing that is wrong in a file of facts: where, what, and what to do."""

    path: Path
    line: int
    message: str
    hint: str = ""

    @property
    def advice(self) -> str:
        """Return what is wrong and what to do, without the place."""
        return f"{self.message}; {self.hint}" if self.hint else self.message

    def __str__(self) -> str:
        """Format as `file:line: message; hint`, the form that editors and CI understand."""
        return f"{self.path}:{self.line}: {self.advice}"


class FactsError(AfcliError):
    """Report every problem found in a fact base at once."""

    exit_status = 3

    def __init__(self, problems: Iterable[Problem]) -> None:
        """Take the *problems* in any order; they are shown by file and line."""
        self.problems = sorted(set(problems))
        super().__init__(f"{len(self.problems)} problem{'s' * (len(self.problems) != 1)} in the facts")

    def lines(self) -> list[str]:
        """Return one line per problem, and a closing count."""
        return [*map(str, self.problems), f"afcli: {self}; correct them first"]
