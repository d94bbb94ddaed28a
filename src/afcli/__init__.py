"""Look up the atomic claims of an article, with their provenance and citations."""

__version__ = "0.1.0"
# Without `open`: `from afcli import *` must not hide Python's own.
__all__ = [
    "AfcliError", "AmbiguousError", "Claim", "DamagedError", "EngineError", "Facts", "FactsError", "NotFoundError",
    "Source", "UnfinishedError", "UsageError", "WriteError", "__version__",
]  # fmt: skip

_LAZY = dict.fromkeys(__all__, "errors") | {
    "Claim": "model", "Facts": "library", "FactsError": "problems", "Source": "model", "open": "library",
}  # fmt: skip
"""Where each name is defined. Every start of the command line imports this package: names load on first use."""


def __getattr__(name: str) -> object:
    from importlib import import_module

    if name in _LAZY:
        return getattr(import_module(f"afcli.{_LAZY[name]}"), "open_facts" if name == "open" else name)
    raise AttributeError(f"module 'afcli' has no attribute {name!r}")
