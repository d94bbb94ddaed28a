"""The one door to opensearch-py: requests to a cluster, and what their failures mean."""

from __future__ import annotations

import importlib.util
import json
import logging
import os
import sys
import time
import warnings
from typing import TYPE_CHECKING, Any

from afcli.errors import EngineError, UsageError
from afcli.opensearch.address import CERTIFICATES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from afcli.opensearch.address import Address

SECONDS = 30
"""How long to wait for an answer; AFCLI_OPENSEARCH_SECONDS says otherwise."""
PAGE = 5_000
"""So many documents are read at once."""
_PACKAGES = ("opensearchpy", "opensearchpy.helpers", "opensearchpy.connection")


class Cluster:
    """The nodes at an address. Every method raises EngineError where they cannot answer."""

    def __init__(self, address: Address) -> None:
        """Connect to nothing yet; raise UsageError without the extra."""
        try:
            transport, connection, self._errors = _opensearchpy()
        except ImportError:
            raise UsageError(
                f"{address} needs the extra opensearch; pip install 'afcli[opensearch]'"
            ) from None
        # What it would tell goes into one line of ours.
        warnings.filterwarnings("ignore", category=self._errors.OpenSearchWarning)
        logging.getLogger("opensearch").setLevel(logging.CRITICAL + 1)
        self.address = address
        options: dict[str, Any] = {}
        if address.secure:
            options = {"verify_certs": True, "ca_certs": os.environ.get(CERTIFICATES)}
        self._transport = transport(
            hosts=[{"host": host, "port": port} for host, port in address.hosts],
            connection_class=connection,
            http_auth=address.credentials,
            use_ssl=address.secure,
            timeout=_seconds(),
            max_retries=len(address.hosts),
            retry_on_timeout=len(address.hosts) > 1,
            retry_on_status=(),
            maxsize=8,
            **options,
        )

    def greet(self) -> None:
        """Raise EngineError where what answers is no OpenSearch."""
        about = self.ask("GET", "/")
        if not isinstance(about, dict) or "opensearch" not in str(about.get("version")):
            raise EngineError(f"{self.address} is not OpenSearch; correct the host or port")

    def ask(self, method: str, path: str, body: Any = None, *, absent: Any = None, **params: Any) -> Any:
        """Return the answer to a request, or *absent*, if given, where there is no such thing."""
        if body is not None and not isinstance(body, str):
            # What was typed may hold bytes that are no text.
            body = dumps(body)
        try:
            return self._asked(method, path, body, params)
        except self._errors.OpenSearchException as error:
            if absent is not None and getattr(error, "status_code", None) == 404:
                return absent
            raise EngineError(self._fault(error)) from None

    def _asked(self, method: str, path: str, body: Any, params: dict[str, Any]) -> Any:
        perform = self._transport.perform_request
        try:
            return perform(method, path, params=params, body=body)
        except self._errors.TransportError as error:
            if error.status_code != 503:
                raise
        # A moment after a node died the others may not know it yet.
        time.sleep(1)
        return perform(method, path, params=params, body=body)

    def create(self, method: str, path: str, body: Any, **params: Any) -> None:
        """Create something; a node that died after it had done so leaves nothing to do for the next one."""
        try:
            self.ask(method, path, body, **params)
        except EngineError as error:
            if "already exists" not in str(error):
                raise

    def search(self, index: str, body: Mapping[str, Any], **params: Any) -> Any:
        """Return the answer to one search; a shard that does not answer is an error."""
        return self.ask("POST", f"/{index}/_search", body, allow_partial_search_results="false", **params)

    def searches(self, asked: Sequence[tuple[str, Mapping[str, Any]]]) -> list[Any]:
        """Return the answers to several searches sent at once."""
        if not asked:
            return []
        if len(asked) == 1:
            return [self.search(*asked[0])]
        lines = "".join(
            f"{dumps({'index': index, 'allow_partial_search_results': False})}\n{dumps(body)}\n"
            for index, body in asked
        )
        answers: list[Any] = self.ask("POST", "/_msearch", lines)["responses"]
        for answer in answers:
            if "error" in answer:
                raise EngineError(self.said(answer["status"], answer["error"].get("reason", "")))
        return answers

    def all(self, index: str, body: Mapping[str, Any]) -> Iterator[Any]:
        """Yield every hit of a search that has a `sort` without ties, page by page."""
        page = {"size": PAGE, **body}
        while True:
            hits = self.search(index, page)["hits"]["hits"]
            yield from hits
            if len(hits) < page["size"]:
                return
            page = {**page, "search_after": hits[-1]["sort"]}

    def said(self, status: int, what: str) -> str:
        """Return what the cluster answered, as one line."""
        known = {
            401: f"{self.address} refuses the user or the password; give them in AFCLI_OPENSEARCH_USER and"
            " AFCLI_OPENSEARCH_PASSWORD, in ~/.netrc or in the address",
            403: f"{self.address} does not allow this: {_short(what)}; ask its administrator for permission or space",
            429: f"{self.address} is overloaded: {_short(what)}; try again later",
            503: f"{self.address} is incomplete: {_short(what)}; see GET /_cluster/health, and try again when it is not red",
        }
        return known.get(status, f"{self.address} answered {status}: {_short(what)}")

    def _fault(self, error: Any) -> str:
        errors = self._errors
        where, seconds = self.address, _seconds()
        if isinstance(error, errors.ConnectionTimeout):
            return f"{where} did not answer within {seconds:g} s; try again, or set AFCLI_OPENSEARCH_SECONDS to more"
        text = str(getattr(error, "info", "") or error)
        if "WRONG_VERSION_NUMBER" in text or "record layer" in text:
            return f"{where} does not speak TLS; correct the port, or write opensearch:// without +https"
        if isinstance(error, errors.SSLError) or "CERTIFICATE_VERIFY" in text:
            return f"{where} has a certificate that this system does not trust; name a file with its signer's in {CERTIFICATES}"
        if isinstance(error, errors.ConnectionError):
            # What listens there may speak TLS, or something else.
            strange = ("BadStatusLine", "RemoteDisconnected", "ProtocolError", "ConnectionResetError")
            if not where.secure and any(name in text for name in strange):
                return f"{where} does not answer as OpenSearch does; correct the port, or write opensearch+https://"
            return f"{where} cannot be reached: {_reason(text)}; start OpenSearch there, or correct the host or port"
        if isinstance(error, errors.SerializationError):
            return f"{where} is not OpenSearch; correct the host or port"
        status = getattr(error, "status_code", 0)
        info = getattr(error, "info", "")
        return self.said(int(status) if isinstance(status, int) else 0, _cause(info) or str(error))


def _opensearchpy() -> tuple[Any, Any, Any]:
    """Return the classes of a transport and of its connections, and the module with their exceptions.

    The package itself imports its query language, requests and asyncio: half of the time that a lookup takes. So its
    modules for sending requests are imported alone, below empty packages, which are forgotten again; unless somebody
    has imported all of it before.
    """
    if whole := sys.modules.get("opensearchpy"):
        return whole.Transport, whole.Urllib3HttpConnection, whole.exceptions
    before = set(sys.modules)
    for name in _PACKAGES:
        if (spec := importlib.util.find_spec(name)) is None:
            raise ImportError(name)
        sys.modules[name] = importlib.util.module_from_spec(spec)
    if "asyncio" not in before:
        sys.modules["asyncio"] = None  # type: ignore[assignment]  # so says the standard library: not to be imported
    try:
        connection = importlib.import_module("opensearchpy.connection.http_urllib3")
        # What a transport takes from that package.
        vars(sys.modules["opensearchpy.connection"]).update(
            Connection=connection.Connection, Urllib3HttpConnection=connection.Urllib3HttpConnection
        )
        transport = importlib.import_module("opensearchpy.transport")
        errors = importlib.import_module("opensearchpy.exceptions")
        return transport.Transport, connection.Urllib3HttpConnection, errors
    finally:
        for name in sys.modules.keys() - before:
            if name.startswith("opensearchpy") or sys.modules[name] is None:
                del sys.modules[name]


def dumps(value: Any) -> str:
    """Return *value* as JSON in which what is no text is replaced."""
    return _encode(value).encode("utf-8", "replace").decode()


_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def _seconds() -> float:
    try:
        return float(os.environ.get("AFCLI_OPENSEARCH_SECONDS", "")) or SECONDS
    except ValueError:
        return SECONDS


def _cause(info: Any) -> str:
    """Return the innermost reason of an answer that tells of an error."""
    error = info.get("error", "") if isinstance(info, dict) else ""
    if isinstance(error, str):
        return error
    cause = next(iter(error.get("root_cause") or ()), error)
    while isinstance(cause.get("caused_by"), dict):
        cause = cause["caused_by"]
    return str(cause.get("reason") or error.get("reason") or error.get("type", ""))


def _reason(text: str) -> str:
    for sign, said in (
        ("refused", "connection refused"),
        ("Name or service", "no such host"),
        ("name resolution", "no such host"),
        ("nodename nor servname", "no such host"),
        ("unreachable", "no route to host"),
        ("reset", "the connection was cut"),
    ):
        if sign in text:
            return said
    return _short(text)


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 160 else f"{line[:157]}..."
