"""Look up the atomic claims of an article, with their provenance and citations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from afcli.errors import AfcliError
    from afcli.library import Facts
    from afcli.library import open_facts as open  # noqa: A004  # afcli.open(), like gzip.open()
    from afcli.model import Claim, Source

__version__ = "0.1.0"
__all__ = ["AfcliError", "Claim", "Facts", "Source", "__version__", "open"]

_LAZY = {
    "AfcliError": ("errors", "AfcliError"),
    "Claim": ("model", "Claim"),
    "Facts": ("library", "Facts"),
    "Source": ("model", "Source"),
    "open": ("library", "open_facts"),
}
"""Where each name is defined. Every start of the command line imports this package: names load on first use."""


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name in _LAZY:
        module, attribute = _LAZY[name]
        return getattr(import_module(f"afcli.{module}"), attribute)
    raise AttributeError(f"module 'afcli' has no attribute {name!r}")
