"""afcli push: a fact base into an OpenSearch cluster."""

from pathlib import Path
from typing import Annotated

import typer

from afcli.cli.screen import progress_bar, write


def run(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="The fact base.")],
    address: Annotated[
        Path, typer.Argument(metavar="ADDRESS", help="The address: opensearch://host:9200/base.")
    ],
    shards: Annotated[
        int | None,
        typer.Option(
            "--shards",
            metavar="N",
            min=1,
            max=1024,
            help="Split the claims into this many shards; by default one per 5 million, at most one per node.",
        ),
    ] = None,
    replicas: Annotated[
        int | None,
        typer.Option(
            "--replicas",
            metavar="N",
            min=0,
            max=10,
            help="Keep this many copies; by default 1 if there are enough nodes.",
        ),
    ] = None,
    anew: Annotated[bool, typer.Option("--anew", help="Send everything, not only what changed.")] = False,
) -> None:
    """Write a fact base to an OpenSearch cluster.

    Readers see the old base until all of the new one is there. An interrupted push continues where it stopped;
    pushing a changed base sends only what changed. Needs the extra: pip install 'afcli[opensearch]'.

    \b
    afcli push my-facts opensearch://localhost:9200/my-facts
    afcli find "border closed" --facts opensearch://localhost:9200/my-facts
    """
    from afcli.files.locate import locate
    from afcli.index.cache import open_index
    from afcli.meaning.similarity import kept
    from afcli.opensearch.address import parse
    from afcli.opensearch.push import push

    target = parse(address)
    directory = locate((), directory)
    with progress_bar() as progress:
        index = open_index(directory, progress)
    with progress_bar("pushing the claims") as progress:
        pushed = push(
            index, target, progress, shards=shards, replicas=replicas, anew=anew, vectors=kept(index)
        )
    rows = {"address": target, **pushed._asdict()}
    write("".join(f"{name}\t{value}\n" for name, value in rows.items()))
