"""Push a base of 100,000 claims into a cluster of three nodes and ask it beside the embedded engine, in one run.

    python benchmarks/cluster.py [--claims 100000] [--queries 200] [--calls 15]

The nodes are those of the tests: Maven fetches them, Java 21 or newer runs them in one process of 1 GB on this machine.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "opensearch"))

import scale
import server

from afcli.library import open_facts

AFCLI = str(Path(sys.executable).parent / "afcli")
SIZES = (10**7, 10**8, 10**9)
SHARD = 30e9
"""Bytes that a shard should not grow past."""


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--claims", type=int, default=100_000)
    parser.add_argument("--queries", type=int, default=200)
    parser.add_argument("--calls", type=int, default=15, help="whole processes, of each engine")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        os.environ |= {"XDG_CACHE_HOME": str(Path(scratch) / "cache"), "AFCLI_MEANING": "off"}
        nodes = server.Server(scratch)
        try:
            measure(nodes, Path(scratch) / "base", options)
        finally:
            nodes.stop()


def measure(nodes: Any, directory: Path, options: argparse.Namespace) -> None:
    """Build, push, ask."""
    world = scale.World()
    texts, _ = scale.write(world, directory, options.claims)
    built = timed([AFCLI, "index", "--rebuild", "--facts", str(directory)])
    warm = nodes.address("warm", 0)
    timed([AFCLI, "push", str(directory), warm])
    address = nodes.address("base", 0)
    before, spent = cpu(nodes), children()
    pushed = timed([AFCLI, "push", str(directory), address])
    used, own = cpu(nodes) - before, children() - spent
    again = timed([AFCLI, "push", str(directory), address])
    sizes = nodes.ask("GET", "/_cat/indices/base.*?format=json&bytes=b")
    stored = sum(int(index["pri.store.size"]) for index in sizes)
    each = stored / options.claims
    rate = options.claims / pushed
    print(f"{options.claims:,} claims; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
    print(f"  compile  {built:6.1f} s  {options.claims / built:8,.0f} claims/s")
    print(f"  push     {pushed:6.1f} s  {rate:8,.0f} claims/s; pushed again {again:.1f} s")
    print(
        f"           processor time: {used:.1f} s in the cluster, {own:.1f} s in the client, so"
        f" {2 * options.claims / (used + own):,.0f} claims/s where two processors do nothing else"
    )
    print(f"  stored   {each:6.0f} bytes a claim, without replicas")
    ask(directory, address, texts, world, options)
    for count in SIZES:
        print(
            f"  {count:13,} claims: {count * each / 1e9:7,.0f} GB, with one replica {2 * count * each / 1e9:7,.0f} GB,"
            f" {max(1, round(count * each / SHARD + 0.5)):3} shards; pushed by one client in {count / rate / 3600:,.1f} h"
        )


def ask(directory: Path, address: str, texts: list[str], world: Any, options: argparse.Namespace) -> None:
    """Compare the answers and the times of both engines."""
    asked = [query for kind in scale._queries(world, texts, options.queries // 5).values() for query in kind]  # noqa: SLF001  # a neighbour
    local, remote = open_facts(directory), open_facts(address)
    same, ours, theirs = 0, [], []
    for query in asked:
        start = time.perf_counter()
        here = local.answer(query)
        middle = time.perf_counter()
        there = remote.answer(query)
        theirs.append(time.perf_counter() - middle)
        ours.append(middle - start)
        same += here == there
    print(f"  the ten best are the same, with the same scores: {same} of {len(asked)} queries")
    print(f"  within a process      embedded {figures(ours)}, cluster {figures(theirs)}")
    ours, theirs = [], []
    for number in range(options.calls):
        query = asked[number * 7 % len(asked)]
        ours.append(timed([AFCLI, "find", query, "--json", "--facts", str(directory)]))
        theirs.append(timed([AFCLI, "find", query, "--json", "--facts", address]))
    print(
        f"  whole process         embedded {figures(ours)}, cluster {figures(theirs)},"
        f" {statistics.median(theirs) / statistics.median(ours):.1f} times; load {os.getloadavg()[0]:.1f}"
    )
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    print(f"  the largest process took {peak} MB, the cluster's own included")


def figures(times: list[float]) -> str:
    """Return the median and the slowest of a hundred."""
    ordered = sorted(times)
    return f"{1000 * statistics.median(times):6.1f} ms (p99 {1000 * ordered[int(len(ordered) * 0.99)]:.0f})"


def timed(command: list[str]) -> float:
    """Return the seconds that a command takes; it may find nothing."""
    start = time.perf_counter()
    done = subprocess.run(command, capture_output=True, check=False, text=True)  # noqa: S603  # our own
    assert done.returncode in (0, 1), done.stderr
    return time.perf_counter() - start


def children() -> float:
    """Return the processor time of all commands so far."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def cpu(nodes: Any) -> float:
    """Return the seconds of processor time that the cluster has used."""
    found = nodes.ask("GET", "/_nodes/stats/process", node=0)["nodes"].values()
    return max(node["process"]["cpu"]["total_in_millis"] for node in found) / 1000


if __name__ == "__main__":
    main()
