"""Write a checked base into a cluster: readers see the old base until all of the new one is there.

Every push fills a generation of indices, named after the content of the base, and then switches the aliases. A push
that was cut short goes on where it was. What the base before had in common is copied within the cluster, not sent.
"""

from __future__ import annotations

import time
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from hashlib import blake2b
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, NamedTuple
from zlib import crc32

from afcli.errors import EngineError
from afcli.index.base import FORMAT
from afcli.opensearch import documents
from afcli.opensearch.client import Cluster, dumps
from afcli.opensearch.mapping import KINDS, VERSION, alias, document_id, index_name, settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from afcli.index.base import Base
    from afcli.meaning.vectors import Vectors
    from afcli.opensearch.address import Address
    from afcli.opensearch.documents import Document

    Progress = Callable[[int, int], None]

_BATCH = 4_000
_WITH_VECTORS = 500
"""A cluster takes requests of 100 MB, and a vector may have 16,000 numbers."""
_THREADS = 2
_ANEW = "-anew"
"""Ends the name of a generation that has the content of the one before."""
_SHARD = 5_000_000
"""So many claims get a shard of their own, while there are nodes."""
_PATIENCE = 600.0
"""Seconds for which a push waits for a node that is gone, or for the cluster to have less to do."""
_COPYING = 120.0
"""Seconds for which it waits for the copies of a shard."""


class Pushed(NamedTuple):
    """What a push did."""

    claims: int
    documents: int
    sent: int
    removed: int


def push(
    index: Base,
    address: Address,
    progress: Progress,
    *,
    shards: int | None = None,
    replicas: int | None = None,
    anew: bool = False,
    vectors: Vectors | None = None,
) -> Pushed:
    """Write the base of *index* to *address*, and make it the one that is read.

    Without *shards* and *replicas* the sizes of the base and of the cluster decide; *anew* sends everything. Raises
    EngineError where the cluster cannot take it: what was sent stays, and the same push goes on from there.
    """
    return _Push(Cluster(address), index, vectors, progress, shards, replicas).run(anew=anew)


class _Push:
    def __init__(
        self,
        cluster: Cluster,
        index: Base,
        vectors: Vectors | None,
        progress: Progress,
        shards: int | None,
        replicas: int | None,
    ) -> None:
        self.cluster = cluster
        self.index = index
        self.base = cluster.address.base
        self.progress = progress
        cluster.greet()
        health = cluster.ask("GET", "/_cluster/health")
        nodes = max(1, int(health["number_of_data_nodes"]))
        plugins = cluster.ask("GET", "/_cat/plugins", format="json") if vectors else ()
        self.vectors = vectors if any("knn" in plugin["component"].lower() for plugin in plugins) else None
        self.shards = shards or min(nodes, 1 + index.record_count // _SHARD)
        self.replicas = min(1, nodes - 1) if replicas is None else replicas
        self.done = self.total = self.sent = self.removed = 0

    def run(self, *, anew: bool) -> Pushed:
        """Fill a generation, count it, switch to it."""
        generation = self._generation()
        current = self._current()
        if generation == current.removesuffix(_ANEW) and not anew:
            return Pushed(self.index.claim_count, self._count(self._names(current)), 0, 0)
        if anew:
            if generation == current:
                generation += _ANEW
            self._remove(generation)
        # The cluster indexes the small ones while the claims are made ready.
        small = {
            "words": list(documents.words(self.index)),
            "names": list(documents.names(self.index)),
            "article": list(documents.article(self.index, self.vectors)),
        }
        counts = {**{kind: len(found) for kind, found in small.items()}, "claims": self.index.record_count}
        self.total = sum(counts.values())
        found = {**small, "claims": documents.claims(self.index, self.vectors)}
        self._fill(
            self._batches(kind, of, generation, current if not anew else "") for kind, of in found.items()
        )
        self._settle(generation, counts)
        self._switch(generation, current)
        return Pushed(self.index.claim_count, self.total, self.sent, self.removed)

    def _generation(self) -> str:
        parts = [VERSION, FORMAT, self.index.digest]
        if self.vectors:
            parts += [self.vectors.model.name, str(crc32(self.vectors.rows))]
        return blake2b(" ".join(parts).encode(), digest_size=6).hexdigest()

    def _names(self, generation: str) -> str:
        return ",".join(index_name(self.base, kind, generation) for kind in KINDS)

    def _count(self, names: str) -> int:
        return int(self.cluster.ask("GET", f"/{names}/_count")["count"])

    def _current(self) -> str:
        """Return the generation that is read now, or an empty string."""
        found = self.cluster.ask("GET", f"/_alias/{alias(self.base, 'claims')}", absent={})
        return next(iter(found), "").rpartition(".")[2]

    # Creating

    def _create(self, kind: str, name: str, current: str) -> bool:
        """Create an index, as a copy of the *current* one if that will do; tell whether it may hold documents."""
        if self.cluster.ask("GET", f"/{name}", absent=False):
            return True
        if current and self._clone(index_name(self.base, kind, current), name, kind):
            return True
        self.cluster.create("PUT", f"/{name}", self._settings(kind))
        return False

    def _settings(self, kind: str) -> dict[str, Any]:
        return settings(kind, self.shards, self.vectors.width if self.vectors else 0)

    def _clone(self, old: str, name: str, kind: str) -> bool:
        """Copy an index within the cluster; tell whether that could be done."""
        found = self.cluster.ask("GET", f"/{old}", absent={}).get(old)
        wanted = self._settings(kind)
        if not found or found["mappings"] != wanted["mappings"]:
            return False
        split, wanted_split = (of["settings"]["index"]["number_of_shards"] for of in (found, wanted))
        if int(split) != wanted_split:
            return False
        self.cluster.ask("PUT", f"/{old}/_settings", {"index.blocks.write": True})
        fresh = {
            "index.blocks.write": None,
            "index.number_of_replicas": 0,
            "index.refresh_interval": "-1",
        }
        self.cluster.create(
            "POST", f"/{old}/_clone/{name}", {"settings": fresh}, wait_for_active_shards="all"
        )
        return True

    # Filling

    def _batches(
        self, kind: str, found: Iterable[Document], generation: str, current: str
    ) -> Iterator[tuple[str, list[Document]]]:
        """Yield what is not in an index yet, and its name; remove what does not belong there."""
        name = index_name(self.base, kind, generation)
        left = iter(found)
        size = _WITH_VECTORS if self.vectors else _BATCH
        batches = iter(lambda: list(islice(left, size)), [])
        if self._create(kind, name, current):
            self.cluster.ask("POST", f"/{name}/_refresh")
            batches = self._changed(kind, name, batches)
        for batch in batches:
            yield name, batch

    def _fill(self, kinds: Iterable[Iterable[tuple[str, list[Document]]]]) -> None:
        """Send all batches, a few at once."""
        with ThreadPoolExecutor(_THREADS) as pool:
            busy: deque[Future[int]] = deque()
            for name, batch in chain.from_iterable(kinds):
                if len(busy) >= 2 * _THREADS:
                    self._sent(busy.popleft().result())
                busy.append(pool.submit(self._send, name, batch))
            for last in busy:
                self._sent(last.result())

    def _sent(self, count: int) -> None:
        self.sent += count
        self._advance(count)

    def _advance(self, count: int) -> None:
        self.done += count
        self.progress(self.done, self.total)

    def _send(self, index: str, batch: list[Document]) -> int:
        """Send documents until all are taken; return how many they are."""
        left = batch
        give_up = time.monotonic() + _PATIENCE
        while left:
            body = "".join(
                f'{{"index":{{"_id":{dumps(document_id(document.key))}}}}}\n{document.source}\n'
                for document in left
            )
            try:
                answer = self.cluster.ask(
                    "POST", f"/{index}/_bulk", body, filter_path="errors,items.*.status,items.*.error"
                )
            except EngineError:
                if time.monotonic() > give_up:
                    raise
                time.sleep(1)
                continue
            left = self._refused(answer, left, give_up)
        return len(batch)

    def _refused(self, answer: Any, sent: list[Document], give_up: float) -> list[Document]:
        """Return the documents to send again; raise EngineError where that would not help."""
        if not answer["errors"]:
            return []
        again = []
        for document, item in zip(sent, answer["items"], strict=True):
            result = item["index"]
            if result["status"] in (429, 503) and time.monotonic() < give_up:
                again.append(document)
            elif result["status"] >= 300:
                raise EngineError(self.cluster.said(result["status"], result["error"]["reason"]))
        if again:
            time.sleep(1)
        return again

    def _changed(self, kind: str, name: str, batches: Iterable[list[Document]]) -> Iterator[list[Document]]:
        """Yield of each batch what the index lacks or has otherwise; remove what no batch has."""
        strays: dict[str, None] = {}
        after: Any = None
        for batch in batches:
            there = self._there(kind, name, after, batch[-1].sort)
            changed = [
                document for document in batch if there.pop(document_id(document.key), "") != document.digest
            ]
            strays |= dict.fromkeys(there)
            self._advance(len(batch) - len(changed))
            after = batch[-1].sort
            if changed:
                yield changed
        strays |= dict.fromkeys(self._there(kind, name, after, None))
        self._drop(kind, name, list(strays))

    def _there(self, kind: str, name: str, after: Any, last: Any) -> dict[str, str]:
        """Return the digests of the documents in the index from one key to another, by id."""
        sort = ["number", "id"] if kind == "claims" else ["key"]
        bounds = {"gt": after} if after is not None else {}
        if last is not None:
            bounds["lte"] = last
        body = {
            "query": {"range": {sort[0]: bounds}},
            "sort": sort,
            "_source": ["digest", "search_digest"],
        }
        return {
            hit["_id"]: hit["_source"]["digest"] + hit["_source"].get("search_digest", "")
            for hit in self.cluster.all(name, body)
        }

    def _drop(self, kind: str, name: str, strays: list[str]) -> None:
        """Remove those *strays* whose ids the base does not have; the others were only numbered otherwise."""
        if kind == "claims":
            kept = self.index.numbers_of(strays)
            strays = [id_ for id_ in strays if id_ not in kept]
        for start in range(0, len(strays), _BATCH):
            lines = "".join(
                f'{{"delete":{{"_id":{dumps(id_)}}}}}\n' for id_ in strays[start : start + _BATCH]
            )
            self.cluster.ask("POST", f"/{name}/_bulk", lines)
        self.removed += len(strays)

    # Settling

    def _settle(self, generation: str, counts: Mapping[str, int]) -> None:
        """Make the indices ready to be read, with replicas; raise EngineError if they do not hold what was sent."""
        names = self._names(generation)
        self._wait(names)
        self.cluster.ask("POST", f"/{names}/_refresh")
        # What is on disk is copied to a replica; what is not is indexed there once more.
        self.cluster.ask("POST", f"/{names}/_flush")
        for kind, count in counts.items():
            name = index_name(self.base, kind, generation)
            if (found := self._count(name)) != count:
                raise EngineError(
                    f"{self.cluster.address} holds {found} of {count} documents in {name}; push again to continue from there"
                )
        ready = {"index.number_of_replicas": self.replicas, "index.refresh_interval": None}
        self.cluster.ask("PUT", f"/{names}/_settings", ready)
        self._wait(names)

    def _wait(self, names: str) -> None:
        """Wait until indices have all their copies; one that stays without some can be read, one without a shard cannot."""
        give_up = time.monotonic() + _COPYING
        while (status := self.cluster.ask("GET", f"/_cluster/health/{names}")["status"]) != "green":
            if time.monotonic() > give_up:
                break
            time.sleep(0.2)
        if status == "red":
            raise EngineError(self.cluster.said(503, f"{names} is red"))

    def _switch(self, generation: str, current: str) -> None:
        """Let the aliases name this generation, all at once; keep the one before for those who still read it."""
        actions: list[dict[str, Any]] = []
        for kind in KINDS:
            name = alias(self.base, kind)
            actions.append({"remove": {"index": f"{name}.*", "alias": name, "must_exist": False}})
            actions.append({"add": {"index": index_name(self.base, kind, generation), "alias": name}})
        self.cluster.ask("POST", "/_aliases", {"actions": actions})
        for old in self._generations() - {generation, current}:
            self._remove(old)

    def _generations(self) -> set[str]:
        found = self.cluster.ask("GET", f"/{self.base}.*/_alias")
        return {name.rpartition(".")[2] for name in found}

    def _remove(self, generation: str) -> None:
        self.cluster.ask("DELETE", f"/{self._names(generation)}", ignore_unavailable="true")
