"""Choose the model that turns texts into vectors: the one from the extra, or an endpoint that the user names."""

import os
from collections.abc import Sequence
from typing import Protocol

URL = "AFCLI_EMBED_URL"


class Embedder(Protocol):
    """A model. Both members raise MeaningError where it cannot be had or does not answer as it should."""

    @property
    def name(self) -> str:
        """Return what tells its vectors from those of other models."""

    def embed(self, texts: Sequence[str], *, query: bool) -> list[list[float]]:
        """Return a vector of length 1 for each text, which is a query or else a claim; all have as many numbers."""


def open_embedder() -> Embedder:
    """Return the model: that of the endpoint where the user names one."""
    if os.environ.get(URL):
        from afcli.meaning.endpoint import Endpoint

        return Endpoint()
    from afcli.meaning.local import Local

    return Local()
