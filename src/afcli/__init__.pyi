# What `__init__.py` loads on first use, for type checkers.

from afcli.errors import (
    AfcliError,
    AmbiguousError,
    DamagedError,
    EngineError,
    NotFoundError,
    UnfinishedError,
    UsageError,
    WriteError,
)
from afcli.library import Facts, open_facts
from afcli.model import Claim, Source
from afcli.problems import FactsError

__version__: str
__all__ = [
    "AfcliError", "AmbiguousError", "Claim", "DamagedError", "EngineError", "Facts", "FactsError", "NotFoundError",
    "Source", "UnfinishedError", "UsageError", "WriteError", "__version__",
]  # fmt: skip

open = open_facts  # noqa: A001  # afcli.open(), like gzip.open()
