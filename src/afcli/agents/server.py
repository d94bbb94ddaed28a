"""The server of the Model Context Protocol, over the official SDK, which only this module imports."""

from __future__ import annotations

import json
import logging
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import anyio
import mcp_types as types
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server
from mcp.shared.exceptions import MCPError

from afcli import __version__, csl
from afcli.agents.tools import INSTRUCTIONS, TOOLS, Session
from afcli.errors import AfcliError

if TYPE_CHECKING:
    from mcp.server.context import ServerRequestContext

    Context = ServerRequestContext[Any]

_JSON = "application/json"
_CANCELLED = "notifications/cancelled"
_AT_ONCE = 32
"""How many requests are worked on at once."""
_TEMPLATES = [
    types.ResourceTemplate(
        uri_template=f"afcli://{name}/{key}", name=name, description=about, mime_type=_JSON
    )
    for name, key, about in (
        ("claim", "{+id}", "A claim with its citation and its sentences."),
        ("source", "{+ref}", "A source with its entry and the ids of its claims."),
    )
]
_READ_ONLY = types.ToolAnnotations(read_only_hint=True, idempotent_hint=True, open_world_hint=False)
_TOOLS = [
    types.Tool(
        name=name,
        description=tool.about,
        input_schema=tool.takes,
        output_schema=tool.gives,
        annotations=_READ_ONLY,
    )
    for name, tool in TOOLS.items()
]


def server(session: Session) -> Server[Any]:
    """Return the server that answers from *session*."""

    async def list_tools(_context: Context, _params: object) -> types.ListToolsResult:
        return types.ListToolsResult(tools=_TOOLS)

    async def call_tool(_context: Context, params: types.CallToolRequestParams) -> types.CallToolResult:
        try:
            answer = session.call(params.name, params.arguments or {})
        except AfcliError as error:
            return types.CallToolResult(content=[types.TextContent(text=_said(error))], is_error=True)
        # Clients that know nothing of structured content read the same as text.
        return types.CallToolResult(
            content=[types.TextContent(text=_text(answer))], structured_content=answer
        )

    async def list_resources(_context: Context, _params: object) -> types.ListResourcesResult:
        try:
            sources = session.facts.sources
        except AfcliError as error:
            raise MCPError(types.INTERNAL_ERROR, _said(error)) from None
        return types.ListResourcesResult(
            resources=[
                types.Resource(
                    uri=f"afcli://source/{source.ref}",
                    name=source.label,
                    description=csl.bibliography_entry(source),
                    mime_type=_JSON,
                )
                for source in sources
            ]
        )

    async def list_templates(_context: Context, _params: object) -> types.ListResourceTemplatesResult:
        return types.ListResourceTemplatesResult(resource_templates=_TEMPLATES)

    async def read_resource(
        _context: Context, params: types.ReadResourceRequestParams
    ) -> types.ReadResourceResult:
        uri = str(params.uri)
        try:
            content = session.read(unquote(uri))
        except AfcliError as error:
            raise MCPError(types.INVALID_PARAMS, _said(error)) from None
        return types.ReadResourceResult(
            contents=[types.TextResourceContents(uri=uri, mime_type=_JSON, text=_text(content))]
        )

    return Server(
        "afcli",
        version=__version__,
        title="afcli: the claims of an article",
        instructions=INSTRUCTIONS,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
        on_list_resources=list_resources,
        on_list_resource_templates=list_templates,
        on_read_resource=read_resource,
    )


def serve(session: Session) -> None:
    """Answer on the standard streams until the client closes them."""
    # Standard error belongs to remarks for people; what a client does wrong is answered on the wire.
    logging.disable(logging.CRITICAL)

    async def answer() -> None:
        serving = server(session)
        async with stdio_server() as (read, write), anyio.create_task_group() as tasks:
            asked, questions = anyio.create_memory_object_stream[Any](0)
            answers, answered = anyio.create_memory_object_stream[Any](0)
            pending = _Pending()
            tasks.start_soon(pending.read, read, asked)
            tasks.start_soon(pending.write, answered, write)
            async with questions:
                await serving.run(questions, answers, serving.create_initialization_options())

    try:
        anyio.run(answer)
    except* (OSError, anyio.BrokenResourceError):
        # The client has gone without a word: nobody is left to answer.
        pass


class _Pending:
    """The requests that are not answered yet, each with a token of a limiter.

    The SDK would start on all that a client sends, however fast, and drop what is open once it has closed its end.
    """

    def __init__(self) -> None:
        self._open = anyio.CapacityLimiter(_AT_ONCE)

    async def read(self, source: Any, onward: Any) -> None:
        """Pass on messages while few enough requests are open; at the end wait until all are answered."""
        async with source, onward:
            async for item in source:
                message = getattr(item, "message", None)
                if isinstance(message, types.JSONRPCRequest) and not self._holds(message.id):
                    await self._open.acquire_on_behalf_of(message.id)
                elif isinstance(message, types.JSONRPCNotification) and message.method == _CANCELLED:
                    self._close((message.params or {}).get("requestId"))
                await onward.send(item)
            for _ in range(_AT_ONCE):
                await self._open.acquire_on_behalf_of(object())

    async def write(self, source: Any, onward: Any) -> None:
        """Pass on messages, and close the request that each answers."""
        async with source, onward:
            async for item in source:
                await onward.send(item)
                self._close(getattr(item.message, "id", None))

    def _holds(self, id_: Any) -> bool:
        return id_ in self._open.statistics().borrowers

    def _close(self, id_: Any) -> None:
        if self._holds(id_):
            self._open.release_on_behalf_of(id_)


def _said(error: AfcliError) -> str:
    return "\n".join(line.removeprefix("afcli: ") for line in error.lines())


_text = partial(json.dumps, ensure_ascii=False)
