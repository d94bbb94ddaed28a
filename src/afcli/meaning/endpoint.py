"""A model behind an OpenAI-compatible endpoint (`POST BASE/embeddings`). Besides opensearch/, nothing else in afcli uses the network.

Nothing is sent unless the user names the endpoint in AFCLI_EMBED_URL; the texts of the claims and of the
queries then go there. The key in AFCLI_EMBED_KEY is sent along and never shown.
"""

import json
import math
import os
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from afcli.errors import MeaningError
from afcli.meaning.embedder import URL

MODEL, KEY = "AFCLI_EMBED_MODEL", "AFCLI_EMBED_KEY"
_SECONDS = 20
_MAX_BYTES = 64 * 1024 * 1024


class Endpoint:
    """The endpoint that the environment names, and a model there."""

    def __init__(self) -> None:
        """Take the base address, such as http://localhost:8000/v1; raise MeaningError where a part is missing or wrong."""
        url, self._model, self._key = (os.environ.get(name, "") for name in (URL, MODEL, KEY))
        if not self._model:
            raise MeaningError(f"{URL} is set without a model; name it in {MODEL}")
        try:
            parts = urlsplit(url)
            port = f":{parts.port}" if parts.port else ""
        except ValueError:
            raise MeaningError(f"{URL} is not an address") from None
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise MeaningError(f"{URL} is not an http or https address")
        if parts.username or parts.password:
            raise MeaningError(f"{URL} holds a password; put it into {KEY}")
        self._url = f"{url.rstrip('/')}/embeddings"
        self._shown = f"{parts.scheme}://{parts.hostname}{port}"
        self.name = f"{self._model} at {self._shown}{parts.path.rstrip('/')}"

    def embed(self, texts: Sequence[str], *, query: bool) -> list[list[float]]:  # noqa: ARG002  # it makes no difference
        """Return the vectors of *texts*; as embedder.Embedder."""
        answer = self._asked({"model": self._model, "input": list(texts), "encoding_format": "float"})
        try:
            rows = sorted(answer["data"], key=lambda row: row["index"])
            vectors = [[float(number) for number in row["embedding"]] for row in rows]
            if [row["index"] for row in rows] != list(range(len(texts))) or len(set(map(len, vectors))) != 1:
                raise ValueError("not a vector for each text")  # noqa: TRY301  # all faults get one answer
            return [_of_length_one(vector) for vector in vectors]
        except (ValueError, TypeError, LookupError, OverflowError):
            raise MeaningError(f"{self._shown} does not answer with a vector for each text") from None

    def _asked(self, body: dict[str, Any]) -> Any:
        from http.client import HTTPException
        from urllib.error import HTTPError
        from urllib.request import HTTPRedirectHandler, Request, build_opener

        class Here(HTTPRedirectHandler):
            """Follows no redirect: texts and key go where the user said and nowhere else."""

            def redirect_request(self, *_args: Any) -> None:
                return None

        headers = {"Content-Type": "application/json", "User-Agent": "afcli"}
        if self._key:
            headers["Authorization"] = f"Bearer {self._key}"
        try:
            request = Request(self._url, json.dumps(body).encode(), headers)  # noqa: S310  # http or https, see above
            with build_opener(Here).open(request, timeout=_SECONDS) as answer:
                return json.loads(answer.read(_MAX_BYTES))
        except HTTPError as error:
            raise MeaningError(f"{self._shown} answers with status {error.code}") from None
        except OSError as error:
            reason = getattr(error, "reason", error)
            said = (
                "timed out" if isinstance(reason, TimeoutError) else getattr(reason, "strerror", None) or ""
            )
            raise MeaningError(f"{self._shown} does not answer{said and f': {said.lower()}'}") from None
        except (ValueError, HTTPException, RecursionError):
            # Its text may hold the key.
            raise MeaningError(f"{self._shown} cannot be reached, or answers with something else") from None


def _of_length_one(vector: list[float]) -> list[float]:
    length = math.hypot(*vector)
    if not length or not math.isfinite(length):
        raise ValueError("no direction")
    return [number / length for number in vector]
