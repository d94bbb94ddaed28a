"""afcli mcp: the facts as tools for agents of language models."""

import gc
import os
import signal
import sys

import typer

from afcli.cli.options import FactsDirs
from afcli.cli.screen import is_terminal, say
from afcli.errors import UsageError


def run(context: typer.Context, directory: FactsDirs = None) -> None:
    """Serve the claims to a language model's agent (MCP).

    Speaks the Model Context Protocol over standard input and output. It has tools to find, show, list and cite
    claims, and each claim and source is a resource. It only reads, and no tool takes a path. Needs the extra `mcp`.

    \b
    afcli mcp
    afcli mcp --facts my-facts
    """
    try:
        from afcli.agents.server import serve
        from afcli.agents.tools import Session
    except ModuleNotFoundError as error:
        if error.name not in ("mcp", "mcp_types", "anyio"):
            raise
        raise UsageError("this needs the official SDK of the protocol: pip install 'afcli[mcp]'") from None
    session = Session(*(directory or context.obj or ()))
    if sys.stdin is None:
        raise UsageError("standard input is closed; an agent's program speaks there (docs/agents.md)")
    if is_terminal(sys.stdin):
        say("an agent's program starts this and speaks JSON to it; docs/agents.md says how; Ctrl-D ends it")
    # Unlike a command that answers once, this one lives.
    gc.enable()
    for number in (signal.SIGINT, signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)):
        # A thread that waits for input would hold back any other end, and nothing is unwritten.
        signal.signal(number, lambda got, _frame: os._exit(128 + got))
    serve(session)
