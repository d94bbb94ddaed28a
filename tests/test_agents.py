"""The tools of agents: each statement can be attributed, silence is said, and nothing but the facts is read."""

import asyncio
import json
import subprocess
import sys

import pytest
from conftest import AFCLI, SHIPPED, TINY, WORLD, needs_mcp, run

from afcli.agents.tools import SILENCE, TOOLS, Session
from afcli.errors import AfcliError, UsageError
from afcli.files.validate import fault
from afcli.schema import schema

MARK = "../../../etc/marked-by-the-test"
REACHED: list[str] = []


def _watch(event, arguments):
    if event in ("open", "os.listdir", "os.scandir", "subprocess.Popen", "sqlite3.connect"):
        REACHED.extend(str(argument) for argument in arguments if "marked-by-the-test" in str(argument))


CALLS = [
    ("find", {"query": "Uzbekistan CSTO", "limit": 2}),
    ("find", {"query": "Uzbekisten wall", "kind": ["fact"], "from": "2021", "undated": True}),
    ("find", {"query": "Uzbekistan cotton harvest"}),
    ("show", {"ids": ["c072", "c040..c042"]}),
    ("list", {"kind": ["question"], "limit": 3, "offset": 2}),
    ("list", {"country": ["uz"], "offset": 90}),
    ("list", {"country": ["KG"], "kind": ["quote"]}),
    ("country", {}),
    ("country", {"name": "tajikistan", "kind": ["forecast"]}),
    ("actor", {}),
    ("actor", {"name": "Рахмон"}),
    ("actor", {"name": "mgimo"}),
    ("source", {}),
    ("source", {"name": "6", "limit": 1}),
    ("cite", {"refs": ["c072", "6"], "style": "mla"}),
    ("cite", {"refs": ["2"], "locator": "p. 5"}),
    ("cite", {"refs": ["c161..c163"]}),
]


@pytest.fixture(scope="module")
def session():
    """Return the session of the shipped facts."""
    return Session(SHIPPED)


@pytest.mark.parametrize(("name", "given"), CALLS, ids=str)
def test_every_answer_keeps_the_contract(session, name, given):
    """That of the tool, and for claims that of every command; each has its citation and its sentences."""
    try:
        answer = session.call(name, given)
    except AfcliError as error:
        assert (name, given, error.exit_status) == ("actor", {"name": "mgimo"}, 1)  # it is no actor
        return
    assert fault(answer, TOOLS[name].gives) == ""
    claims = [*answer.get("claims", ()), *answer.get("closest", ())]
    assert fault(claims, schema("output")) == ""
    assert all(claim["citation"].startswith("(") and claim["at"] for claim in claims)
    if "claims" in answer:
        assert answer["answered"] == bool(answer["claims"] or answer.get("names") or answer["total"])


def test_an_answer_can_be_attributed(session):
    """Word for word as `cite` cites the claim, on the sentence that it rests on."""
    [claim] = session.call("show", {"ids": ["c072"]})["claims"]
    said = (
        "(Silaev, 2021, as cited in Arntz & Kemper, 2021, Section “Collective Security Treaty Organisation”)"
    )
    assert (claim["citation"], claim["at"], claim["basis"]) == (said, ["14.2"], "explicit")
    assert session.call("cite", {"refs": ["c072"]})["citations"][0]["citation"] == said
    probable = session.call("cite", {"refs": ["c161"]})["citations"][0]
    assert (probable["keys"], probable["probable"]) == (["arntz2021"], "Panfilova 2021")


def test_facts_that_do_not_come_rendered_are_cited_in_words():
    """No pandoc is run for each of a hundred claims."""
    claims = Session(TINY).call("list", {})["claims"]
    assert [claim["citation"] for claim in claims][1:4] == [
        "(Orlova 2018, as cited in Vale 2019, Section “Opening”)",
        "(Vale 2019, Section “Opening”)",
        "(Vale 2019, Section “The quarrel: who pays?”)",
    ]


def test_silence_is_said_and_the_closest_is_called_no_answer(session):
    """Never as claims."""
    answer = session.call("find", {"query": "Uzbekistan cotton harvest"})
    assert (answer["answered"], answer["claims"], answer["total"]) == (False, [], 0)
    assert answer["said"] == f"{SILENCE} `closest` has the closest claims. They do NOT answer the question."
    assert [claim["id"] for claim in answer["closest"]] == ["c028", "c244", "c249"]
    assert session.call("list", {"country": ["KG"], "kind": ["quote"]})["said"] == SILENCE


def test_unread_claims_are_given_only_to_who_asks_for_them(base):
    """By status, whatever else is asked."""
    path = base / "claims" / "1-opening.yaml"
    text = path.read_text("utf-8")
    written = "- id: c002\n    status: proposed\n    by: Ann\n"
    path.write_text(text.replace("- id: c002\n", written, 1), "utf-8")
    session = Session(base)
    for name, given in (("list", {}), ("actor", {"name": "mensah"}), ("source", {"name": "1"})):
        assert "c002" not in [claim["id"] for claim in session.call(name, given)["claims"]]
        [claim] = session.call(name, given | {"status": ["proposed"]})["claims"]
        assert (claim["id"], claim["status"]) == ("c002", "proposed")


def test_what_was_corrected_and_what_no_claim_has_is_said(session):
    """And where there is more."""
    assert session.call("find", {"query": "Uzbekisten CSTO", "limit": 1})["said"] == (
        "Read as 'uzbekistan csto'. There are more; ask with a higher limit."
    )
    assert (
        session.call("source", {"name": "6", "limit": 2})["said"]
        == "Panfilova 2021: claims 1 to 2 of 5. Ask with offset 2 for more."
    )
    assert session.call("show", {"ids": ["c072"]})["said"] == "Claims 1 to 1 of 1."
    assert session.call("list", {"offset": 900})["said"].startswith("There are only 31")


WRONG = [
    ("find", {}, '"query" is a required property'),
    ("find", {"query": ""}, 'query: "" is shorter than 1 character'),
    ("find", {"query": 7}, 'query: 7 is not of type "string"'),
    ("find", {"query": "x" * 501}, "is longer than 500 characters"),
    ("find", {"query": "-", "colour": "red"}, "Additional properties are not allowed ('colour' was unexpected)"),
    ("list", {"limit": 0}, "limit: 0 is less than the minimum of 1"),
    ("list", {"kind": ["rumour"]}, 'kind.0: "rumour" is not one of'),
    ("list", {"from": "soon"}, "'soon' is not a date"),
    ("cite", {"refs": ["6"], "style": "/etc/passwd"}, 'style: "/etc/passwd" is not one of'),
    ("cite", {"refs": ["c999"]}, "no source called 'c999'"),
    ("show", {"ids": ["c999"]}, "no claim called 'c999'; did you mean c099"),
    ("eval", {}, "no tool called 'eval'; the tools are find, show, list, country, actor, source, cite"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "given", "said"), WRONG, ids=str)
def test_what_is_wrong_is_said(session, name, given, said):
    """In a line that names the argument."""
    with pytest.raises(AfcliError) as error:
        session.call(name, given)
    assert said in str(error.value)


def test_no_argument_reaches_the_file_system(session):
    """Whatever takes text is given a path; nothing of that name is opened, listed or run."""
    sys.addaudithook(_watch)
    asked = 0
    for name, tool in TOOLS.items():
        for argument, taken in tool.takes["properties"].items():
            text = taken.get("type") == "string" or "enum" in taken
            if text or taken.get("items", {}).get("type") == "string":
                given = {key: ["6"] if key in ("ids", "refs") else "x" for key in tool.takes["required"]}
                given[argument] = MARK if text else [MARK]
                asked += 1
                try:
                    session.call(name, given)
                except AfcliError:
                    continue
    for uri in (f"afcli://claim/{MARK}", f"afcli://source/{MARK}", f"file://{MARK}"):
        with pytest.raises(AfcliError):
            session.read(uri)
    assert asked > 20
    assert REACHED == []


def test_the_facts_are_those_of_the_files_now(base):
    """An edit is answered from at once; a broken file is named, and once it is mended there are answers again."""
    session = Session(base)
    path = base / "claims" / "1-opening.yaml"
    text = path.read_text("utf-8")
    before = session.call("show", {"ids": ["c001"]})["claims"][0]["text"]
    path.write_text(text.replace(before, "Another sentence stands here now."), "utf-8")
    assert session.call("show", {"ids": ["c001"]})["claims"][0]["text"] == "Another sentence stands here now."
    path.write_text("claims: 7\n", "utf-8")
    with pytest.raises(AfcliError) as error:
        session.call("show", {"ids": ["c001"]})
    assert f"{path}:1: " in "\n".join(error.value.lines())
    path.write_text(text, "utf-8")
    assert session.call("show", {"ids": ["c001"]})["claims"][0]["text"] == before


def test_resources_are_read(session):
    """A claim with its citation, a source with its claims; another is refused."""
    assert session.read("afcli://claim/C42")["id"] == "c042"
    source = session.read("afcli://source/6")
    assert (source["key"], source["claims"]) == ("panfilova-wall", ["c161", "c162", "c163", "c164", "c165"])
    with pytest.raises(AfcliError, match="no resource called 'afcli://x/1'"):
        session.read("afcli://x/1")


def test_without_the_sdk_the_command_says_what_to_install(monkeypatch):
    """In one line."""
    monkeypatch.setitem(sys.modules, "anyio", None)
    monkeypatch.delitem(sys.modules, "afcli.agents.server", raising=False)
    ran = run("mcp")
    said = "afcli: this needs the official SDK of the protocol: pip install 'afcli[mcp]'\n"
    assert (ran.out, ran.err, ran.status) == ("", said, UsageError.exit_status)


@needs_mcp
def test_without_standard_input_the_command_says_so():
    """In one line."""
    ran = subprocess.run(
        ["bash", "-c", f"'{AFCLI}' mcp <&-"], env=WORLD, capture_output=True, text=True, check=False
    )
    said = "afcli: standard input is closed; an agent's program speaks there (docs/agents.md)\n"
    assert (ran.stdout, ran.stderr, ran.returncode) == ("", said, 2)


async def _meet(client):
    """Return what a client sees of the server: its tools, an answer, an error, resources."""
    async with client:
        listed = (await client.list_tools()).tools
        answer = await client.call_tool("find", {"query": "Uzbekistan CSTO", "limit": 1})
        refused = await client.call_tool("show", {"ids": ["c999"]})
        resources = (await client.list_resources()).resources
        templates = (await client.list_resource_templates()).resource_templates
        claim = (await client.read_resource("afcli://claim/c042")).contents[0]
        return listed, answer, refused, resources, templates, claim


def _meets(client):
    listed, answer, refused, resources, templates, claim = asyncio.run(_meet(client))
    assert {tool.name: (tool.input_schema, tool.output_schema) for tool in listed} == {
        name: (tool.takes, tool.gives) for name, tool in TOOLS.items()
    }
    assert all(tool.annotations.read_only_hint for tool in listed)
    # The client itself holds structured content against the tool's schema.
    assert answer.structured_content["claims"][0]["id"] == "c253"
    assert json.loads(answer.content[0].text) == answer.structured_content
    assert (refused.is_error, refused.content[0].text) == (
        True,
        "no claim called 'c999'; did you mean c099 or c199 or c299?",
    )
    assert [str(r.uri) for r in resources][5:] == [*(f"afcli://source/{n}" for n in range(6, 12)), "afcli://source/article"]  # fmt: skip
    assert [t.uri_template for t in templates] == ["afcli://claim/{+id}", "afcli://source/{+ref}"]
    assert json.loads(claim.text)["at"] == ["9.2"]


@needs_mcp
@pytest.mark.parametrize("mode", ["legacy", "auto"])
def test_the_sdks_own_client_is_answered_in_memory(session, mode):
    """In the protocol's older and in its newer form."""
    from mcp import Client

    from afcli.agents.server import server

    _meets(Client(server(session), mode=mode))


@needs_mcp
@pytest.mark.slow
@pytest.mark.parametrize("mode", ["legacy", "auto"])
def test_the_sdks_own_client_is_answered_over_standard_streams(mode):
    """By the command as it is installed."""
    from mcp import Client, StdioServerParameters

    env = WORLD | {"AFCLI_FACTS": str(SHIPPED)}
    _meets(Client(StdioServerParameters(command=AFCLI, args=["mcp"], env=env), mode=mode))


BEGIN = [
    {"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "x", "version": "1"}}},
    {"jsonrpc": "2.0", "method": "notifications/initialized"},
]  # fmt: skip


def asking(number):
    """Return a request with this id."""
    call = {"name": "find", "arguments": {"query": "ferry", "limit": 1}}
    return {"jsonrpc": "2.0", "id": number, "method": "tools/call", "params": call}


def lines(*messages):
    """Return what a client would write."""
    return b"".join(json.dumps(message).encode() + b"\n" for message in messages)


RUBBISH = {
    "no JSON": b"hello\n{\n\n",
    "no message": b'[]\n7\n{"jsonrpc": "2.0", "id": 5}\n{"jsonrpc": "2.0", "id": 10, "method": "tools/call", "params": 7}\n',
    "no text": b"\xff\xfe\x00\n\xc3\n",
    "too deep": b"[" * 200_000 + b"\n",
    "nothing": b"",
}


@needs_mcp
@pytest.mark.slow
@pytest.mark.parametrize("case", RUBBISH)
def test_rubbish_spoils_nothing(case):
    """What comes after it is answered; only the protocol is on standard output, nothing on standard error."""
    given = lines(*BEGIN) + RUBBISH[case] + lines(asking(1))
    done = subprocess.run([AFCLI, "mcp"], input=given, env=WORLD, capture_output=True, check=False)
    assert (done.stderr, done.returncode) == (b"", 0)
    answers = {answer["id"]: answer for answer in map(json.loads, done.stdout.splitlines())}
    assert answers[1]["result"]["structuredContent"]["answered"]


@needs_mcp
@pytest.mark.slow
def test_a_client_that_floods_gets_every_answer():
    """Also where it has closed its end by then, and reads slowly."""
    given = lines(*BEGIN, *map(asking, range(1, 1001)))
    done = subprocess.run([AFCLI, "mcp"], input=given, env=WORLD, capture_output=True, check=False)
    assert (done.stderr, done.returncode) == (b"", 0)
    assert {answer["id"] for answer in map(json.loads, done.stdout.splitlines())} == set(range(1001))


@needs_mcp
@pytest.mark.slow
def test_a_client_that_leaves_early_is_not_mourned():
    """It ends without a word, whatever is still open."""
    with subprocess.Popen(
        [AFCLI, "mcp"], env=WORLD, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        process.stdin.write(lines(*BEGIN))
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["id"] == 0
        process.stdout.close()
        process.stdin.write(lines(asking(1), asking(2)))
        process.stdin.flush()
        process.stdin.close()
        assert process.stderr.read() == b""
        assert process.wait() == 0


@needs_mcp
@pytest.mark.slow
@pytest.mark.parametrize("number", [2, 15, 1])
def test_a_signal_ends_it_though_the_client_waits(number):
    """As it ends every command."""
    with subprocess.Popen(
        [AFCLI, "mcp"], env=WORLD, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        process.stdin.write(lines(*BEGIN))
        process.stdin.flush()
        assert process.stdout.readline()
        process.send_signal(number)
        assert process.wait() == 128 + number
        assert process.stderr.read() == b""
