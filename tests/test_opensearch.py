"""A base in a cluster answers as the same files do, whatever happens to nodes, documents and connections.

Against a real OpenSearch of three nodes (opensearch/server.py), never an imitation.
"""

import base64
import http.client
import http.server
import json
import os
import random
import shutil
import ssl
import subprocess
import sys
import threading
from importlib.util import find_spec
from pathlib import Path

import pytest
from conftest import HERE, HOME, SHIPPED, TINY, process, run
from test_meaning import stub  # noqa: F401  # a fixture

from afcli.errors import AfcliError
from afcli.library import open_facts

sys.path[:0] = [str(HERE / "opensearch"), str(HERE.parent / "tools"), str(HERE.parent / "benchmarks")]
try:
    import golden
    import regen
    import scale
    import server as opensearch
finally:
    del sys.path[:3]

pytestmark = pytest.mark.opensearch
EVALUATION = HERE.parent.parent / "shared" / "eval"


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """Return a running server; it is stopped in the end."""
    lacks = "the extra `opensearch`" if find_spec("opensearchpy") is None else opensearch.missing()
    if lacks:
        assert not os.environ.get("PROVE_ALL"), f"{lacks} is missing"
        pytest.skip(f"needs {lacks}")
    server = opensearch.Server(tmp_path_factory.mktemp("opensearch"))
    yield server
    server.stop()


def push(directory, address, *options):
    """Push a base; return what the command said, as numbers and words by name."""
    ran = run("push", directory, address, *options, facts=None)
    assert (ran.err, ran.status) == ("", 0)
    return dict(line.split("\t") for line in ran.out.splitlines())


@pytest.fixture(scope="module")
def shipped(cluster):
    """Return the address of the shipped facts."""
    push(SHIPPED, cluster.address("shipped"))
    return cluster.address("shipped")


@pytest.fixture(scope="module")
def tiny(cluster):
    """Return the address of the small base."""
    push(TINY, cluster.address("tiny"))
    return cluster.address("tiny")


# The same answers

COMMANDS = [
    ["find", "Uzbekistan CSTO", "--json"],
    ["find", "what did the Taliban promise", "--json", "--explain"],
    ["find", "country:tm border -drugs", "--json"],
    ["find", "country:tm", "--json"],
    ["find", '"collective security"', "--jsonl"],
    ["find", "Kabulov", "--limit", "500", "--csv"],
    ["find", "zzzz qqqq"],
    ["find", "Таджикистан граница", "--json", "--explain"],
    ["find", "tajkistan bordr", "--json", "--explain"],
    ["find", "Uzbekistan -actor:putin source:6", "--json", "--closest"],
    ["find", "date:2021-08..2021-09 talks", "--json", "--undated"],
    ["find", "c042 c043", "--json"],
    ["find", "Lavrov", "--cite", "apa", "--json"],
    ["list", "--json"],
    ["list", "--country", "Tajikistan", "--json"],
    ["list", "--actor", "Putin", "--from", "2021", "--csv"],
    ["list", "--kind", "quote", "--tsv"],
    ["list", "--undated", "--from", "2021-08", "--json"],
    ["list", "--source", "6", "--basis", "explicit"],
    ["list", "--country", "nowhere"],
    ["country", "--json"],
    ["country", "Tajikistan", "--json"],
    ["actor", "--json"],
    ["actor", "Putin", "--json"],
    ["actor", "Sergey"],
    ["topic", "--json"],
    ["place", "--json"],
    ["source", "--json"],
    ["source", "6", "--json"],
    ["source", "nobody"],
    ["show", "c040..c045", "--json"],
    ["show", "C42", "c7", "--json"],
    ["show", "c999"],
    ["cite", "6", "--style", "mla", "--json"],
    ["cite", "c042", "--style", "apa"],
    ["cite", "6", "7", "9", "--style", "ieee"],
    ["timeline", "--json"],
    ["timeline", "--country", "Uzbekistan"],
    ["stats", "--json"],
    ["export", "--format", "json-ld"],
    ["export", "--format", "csv", "--country", "tajikistan"],
    ["export", "--format", "csl-json"],
    ["export", "--format", "jsonl"],
    ["complete", "id", "c04"],
    ["complete", "other-name"],
    ["complete", "source"],
]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_command_prints_the_same_to_the_byte(command, shipped):
    """Standard output, standard error and status are those of the files."""
    assert run(*command, facts=shipped) == run(*command, facts=SHIPPED)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("which", ["both", "first", "second"])
def test_several_bases_are_one_wherever_each_of_them_is(command, which, shipped, tiny):
    """In clusters, in directories, in both."""
    bases = (shipped if which != "second" else SHIPPED, tiny if which != "first" else TINY)
    assert run(*command, facts=":".join(map(str, bases))) == run(*command, facts=f"{SHIPPED}:{TINY}")


def test_the_golden_queries_find_what_they_find_in_files(shipped, tiny):
    """The same ids in the same order, for the same sums of weights."""
    place = {golden.SHIPPED: shipped, golden.TINY: tiny}

    def ask(arguments, variables):
        ran = run(*(place.get(word, word) for word in arguments), env=variables, cwd=golden.ROOT)
        return ran.out, ran.err, ran.status

    lines = [json.loads(line) for line in golden.QUERIES.read_text("utf-8").splitlines()]
    assert [golden.query(line[0], ask) for line in lines] == lines


def queries():
    """Yield the queries of the development sets, where they are."""
    for path in sorted(EVALUATION.glob("*.tsv")):
        yield from (line.split("\t")[2] for line in path.read_text("utf-8").splitlines()[1:])


def answers(facts, asked):
    """Return the first ten of each query, or its fault: scores, order and reasons."""
    found = []
    for query in asked:
        for closest in (False, True):
            try:
                found.append((query, facts.answer(query, closest=closest)))
            except AfcliError as error:
                found.append((query, str(error)))
    return found


def test_every_query_finds_the_same_with_the_same_scores(shipped):
    """Those of the development sets."""
    asked = list(queries())
    if not asked:
        pytest.skip("the development sets are not here")
    assert answers(open_facts(shipped), asked) == answers(open_facts(SHIPPED), asked)


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """Return a made-up base of 100,000 claims."""
    folder = tmp_path_factory.mktemp("large") / "base"
    scale.write(scale.World(), folder, 100_000)
    return folder


@pytest.fixture(scope="module")
def large_there(cluster, large):
    """Return its address."""
    push(large, cluster.address("large"), "--shards", "3")
    return cluster.address("large")


def made_up(folder, count):
    """Return queries of every kind for the large base: words, names, typos, prefixes, phrases, filters, many ties."""
    chance = random.Random(11)  # noqa: S311  # repeatable, not secret
    with (folder / "claims" / "all.jsonl").open(encoding="utf-8") as lines:
        texts = [json.loads(line)["text"].rstrip(".").split() for line in lines]
    asked = []
    for number in range(count):
        words = chance.choice(texts)
        some = chance.sample(words, 2)
        typo = chance.choice([word for word in words if len(word) > 6] or words)
        at = chance.randrange(1, len(typo))
        asked.append(
            [
                " ".join(some),
                " ".join(words[: chance.randint(3, 12)]),
                some[0],
                f"{typo[:at]}{typo[at + 1 :]} {some[1]}",
                f"{some[0][:3]} {some[1]}",
                f'"{" ".join(words[2:4])}" kind:fact',
                f"{some[0]} date:2001..2003 -{some[1]}",
                f"{some[0]} {some[1]} country:AA source:17",
            ][number % 8]
        )
    return asked


def test_in_a_large_base_every_query_finds_the_same(large, large_there):
    """Among 100,000 claims, where many score the same."""
    asked = made_up(large, 400)
    assert answers(open_facts(large_there), asked) == answers(open_facts(large), asked)


def test_the_session_in_the_documents_is_a_real_one(cluster):
    """As regen.py shows the sessions that need no cluster; its base is at another port."""
    page = regen.CLUSTER.read_text("utf-8")
    nodes = cluster.address("arntz", 0)
    asked = page.replace("opensearch://localhost:9200/arntz", nodes)
    assert regen.with_outputs(asked, regen.ROOT).replace(nodes, "opensearch://localhost:9200/arntz") == page


# Meaning


@pytest.fixture(scope="module")
def with_plugin(cluster, tmp_path_factory):
    """Return a server of one node that has the plugin for vectors."""
    assert cluster
    server = opensearch.Server(tmp_path_factory.mktemp("knn"), port=opensearch.PORT + 10, nodes=1, knn=True)
    yield server
    server.stop()


@pytest.fixture
def ask(stub, tmp_path):  # noqa: F811  # the same
    """Return a function that runs a command with a model and a cache of its own."""

    def asked(*args, facts=None, **env):
        return run(*args, facts=facts, env={**stub.env, "XDG_CACHE_HOME": str(tmp_path / "cache"), **env})

    return asked


MEANT = [
    "what did the Taliban promise",
    "countries that share a frontier",
    "who feared refugees",
    "country:tm fear of neighbours",
    "drills -actor:putin",
    "drug smuggling routes",
    "zzzz qqqq",
]


def test_by_meaning_a_cluster_with_the_plugin_finds_what_the_files_do(with_plugin, ask):
    """To the byte: the same vectors, the same order, the same scores; also beside other bases."""
    options = ("--json", "--explain", "--closest")
    files = [ask("find", query, *options, facts=SHIPPED) for query in MEANT]
    assert any('"meaning"' in ran.out for ran in files)
    address = with_plugin.address("meant")
    assert ask("push", SHIPPED, address).err == ""
    assert [ask("find", query, *options, facts=address) for query in MEANT] == files
    both = [ask("find", query, *options, facts=f"{SHIPPED}:{TINY}") for query in MEANT]
    assert [ask("find", query, *options, facts=f"{address}:{TINY}") for query in MEANT] == both
    other = ask("find", MEANT[0], facts=address, AFCLI_EMBED_MODEL="another")
    assert other.err.startswith(f"{address} has the vectors of stub at ")
    assert other.err.splitlines()[0].endswith("; answered by words alone")


def test_vectors_are_pushed_with_the_claims_that_changed(with_plugin, ask, base):
    """Where they were made after the claims, all are; then only those of new texts."""
    address = with_plugin.address("mended")
    assert ask("push", base, address).err == ""
    assert (
        "a base in a cluster has no vectors; answered by words alone\n"
        in ask("find", "vessels", facts=address).err
    )
    ask("find", "vessels", facts=base)
    ask("push", base, address)
    assert ask("find", "vessels disposed", "--json", facts=address) == ask(
        "find", "vessels disposed", "--json", facts=base
    )
    path = min((base / "claims").iterdir())
    path.write_text(path.read_text("utf-8").replace("text: ", "text: New. ", 1), "utf-8")
    ask("find", "vessels", facts=base)
    sent = dict(line.split("\t") for line in ask("push", base, address).out.splitlines())
    assert 0 < int(sent["sent"]) < int(sent["documents"])
    assert ask("find", "vessels disposed", "--json", facts=address) == ask(
        "find", "vessels disposed", "--json", facts=base
    )


def test_without_the_plugin_meaning_is_left_out_with_one_line(cluster, ask, base):
    """The answer is that of the words."""
    address = cluster.address("plain")
    ask("find", "ferry", facts=base)
    assert ask("push", base, address).err == ""
    by_words = ask("find", "ferry", "--json", "--words", facts=base)
    ran = ask("find", "ferry", "--json", facts=address)
    assert (ran.out, ran.status) == (by_words.out, 0)
    assert ran.err == f"a base in a cluster has no vectors; answered by words alone\n{by_words.err}"


# Pushing


def test_pushing_again_sends_only_what_changed(cluster, base):
    """Nothing; one claim; what a removed claim leaves; everything, if that is asked for."""
    address = cluster.address("again")
    first = push(base, address)
    assert (first["sent"], first["removed"]) == (first["documents"], "0")
    assert push(base, address)["sent"] == "0"
    path = min((base / "claims").iterdir())
    text = path.read_text("utf-8")
    path.write_text(
        text.replace('text: "', 'text: "Quokkas sing. ', 1)
        if 'text: "' in text
        else text.replace("text: ", "text: Quokkas sing. ", 1),
        "utf-8",
    )
    changed = push(base, address)
    assert 0 < int(changed["sent"]) < int(changed["documents"]) / 2
    assert run("find", "quokkas", "--json", facts=address) == run("find", "quokkas", "--json", facts=base)
    path.write_text(f"claims:\n{text[text.index('  - id: c002') :]}", "utf-8")
    assert int(push(base, address)["removed"]) > 0
    assert run("find", "quokkas", facts=address).status == 1
    path.write_text(text, "utf-8")
    push(base, address)
    assert run("list", "--json", facts=address) == run("list", "--json", facts=base)
    assert push(base, address, "--anew")["sent"] == first["documents"]


def test_a_base_with_errors_is_not_pushed(cluster, base):
    """Exit status 3, and nothing is written."""
    (base / "claims" / "wrong.jsonl").write_text('{"id": 1}\n')
    ran = run("push", base, cluster.address("wrong"), facts=None)
    assert ran.status == 3
    assert "wrong.jsonl:1: " in ran.err
    assert not cluster.ask("GET", "/wrong.*/_alias")


def test_readers_see_the_old_base_until_all_of_the_new_one_is_there(cluster, base):
    """A push that is killed leaves the old base; the same push again goes on from there."""
    address = cluster.address("killed")
    push(base, address)
    before = run("list", "--json", facts=address)
    shutil.rmtree(base / "claims")
    (base / "claims").mkdir()
    for number, path in enumerate(sorted((TINY / "claims").iterdir())):
        (base / "claims" / f"{number}.yaml").write_text(
            path.read_text("utf-8").replace("text: ", "text: New. ", 1), "utf-8"
        )
    killed = "import os; from afcli.opensearch import push; push._Push._settle = lambda *_: os._exit(9); from afcli.__main__ import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", killed, "push", base, address],
        env=os.environ | {"HOME": HOME},
        check=False,
        capture_output=True,
    )
    assert done.returncode == 9
    assert run("list", "--json", facts=address) == before
    again = push(base, address)
    assert int(again["sent"]) < int(again["documents"])
    assert run("list", "--json", facts=address) == run("list", "--json", facts=base)


# Nodes


def test_a_query_runs_on_every_shard(cluster, large_there):
    """As the profile of a search tells."""
    assert large_there
    body = {"profile": True, "query": {"match_all": {}}}
    shards = cluster.ask("POST", "/large.claims/_search", body)["profile"]["shards"]
    assert len(shards) == 3
    assert sorted(shard["id"].rpartition("][")[2] for shard in shards) == ["0]", "1]", "2]"]


def test_a_node_that_dies_takes_neither_claims_nor_answers(cluster, large, large_there):
    """With one replica: the others have every shard, and the next node is asked."""
    asked = made_up(large, 40)
    whole = answers(open_facts(large), asked)
    facts = open_facts(large_there)
    dying = iter([lambda: cluster.tell("stop", 0)])
    found = []
    for query, answer in whole:
        if len(found) == 20:
            next(dying)()
        found.append((query, facts.answer(query, closest=len(found) % 2 == 1)))
        assert answer is not None
    assert found == whole
    cluster.wait(nodes=2, status="yellow")
    assert len(open_facts(large_there).claims()) == 100_000
    cluster.tell("start", 0)
    cluster.wait(nodes=3)


def holder(cluster, base):
    """Return the node that holds the first shard of the claims of a base, as soon as it does."""
    while True:
        shards = cluster.ask("GET", f"/_cat/shards/{base}.claims.*?format=json")
        for shard in shards:
            if shard["state"] == "STARTED":
                return int(shard["node"].rpartition(" ")[2]) - 1


def test_a_cluster_that_lost_a_shard_says_so_and_answers_again_with_it(cluster, base):
    """Without a replica; no answer is half of one."""
    address = cluster.address("bare")
    push(base, address, "--replicas", "0")
    node = holder(cluster, "bare")
    cluster.tell("stop", node)
    cluster.wait(nodes=2, status="red")
    ran = run("list", "--json", facts=address)
    cluster.tell("start", node)
    cluster.wait(nodes=3)
    assert (ran.out, ran.status) == ("", 4)
    assert ran.err.startswith(f"afcli: {address} is incomplete: ")
    assert ran.err.endswith("; see GET /_cluster/health, and try again when it is not red\n")
    assert ran.err.count("\n") == 1
    assert run("list", "--json", facts=address) == run("list", "--json", facts=base)


def test_a_push_goes_on_after_a_node_came_back(cluster, large):
    """It waits for the shards of a node that is gone."""
    address = cluster.address("lame")
    started = subprocess.Popen([sys.executable, "-m", "afcli", "push", large, address], env=os.environ | {"HOME": HOME}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)  # fmt: skip
    node = holder(cluster, "lame")
    cluster.tell("stop", node)
    cluster.wait(nodes=2, status="red")
    cluster.tell("start", node)
    out, err = started.communicate(timeout=500)
    assert (started.returncode, err) == (0, "")
    assert "claims\t100000\n" in out
    asked = made_up(large, 24)
    assert answers(open_facts(address), asked) == answers(open_facts(large), asked)
    cluster.wait(nodes=3)


# Bad input


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("localhost:1/tiny", " cannot be reached: connection refused; start OpenSearch there, or correct the host or port"),
        ("localhost:{transport}/tiny", " does not answer as OpenSearch does; correct the port, or write opensearch+https://"),
        ("nohost.invalid:{http}/tiny", " cannot be reached: no such host; start OpenSearch there, or correct the host or port"),
        ("localhost:{http}/none", " has no base of this name; create it with: afcli push DIR {address}"),
    ],
)  # fmt: skip
def test_what_cannot_be_reached_is_said_in_a_line(cluster, place, said):
    """With what to do, and exit status 4."""
    node = next(iter(cluster.ask("GET", "/_nodes/transport", node=0)["nodes"].values()))
    transport = node["transport"]["publish_address"].rpartition(":")[2]
    address = f"opensearch://{place.format(http=opensearch.PORT + 1, transport=transport)}"
    ran = run("find", "x", facts=address)
    assert (ran.out, ran.err, ran.status) == ("", f"afcli: {address}{said.format(address=address)}\n", 4)


def test_an_address_of_another_form_is_refused(cluster):
    """As a usage error that does not show the password."""
    ran = run("find", "x", facts="opensearch://me:secret@localhost:9201/Bad.Name")
    assert ran.status == 2
    assert "'opensearch://localhost:9201/Bad.Name' is not the address of a base" in ran.err
    assert "secret" not in ran.err


def test_a_server_that_is_no_opensearch_is_told_from_one(cluster, tmp_path):
    """A web server."""

    class Files(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    def handler(*given):
        return Files(*given, directory=str(tmp_path))

    with listening(handler) as port:
        for command in (["find", "x"], ["push", TINY]):
            given = {"facts": f"opensearch://localhost:{port}/x"} if command[0] == "find" else {"facts": None}
            ran = run(
                *command, *([f"opensearch://localhost:{port}/x"] if command[0] == "push" else []), **given
            )
            assert (ran.err, ran.status) == (
                f"afcli: opensearch://localhost:{port}/x is not OpenSearch; correct the host or port\n",
                4,
            )


def test_a_timeout_is_said(cluster, tiny):
    """And how to wait longer."""
    ran = run("find", "x", facts=tiny, env={"AFCLI_OPENSEARCH_SECONDS": "0.00001"})
    assert ran.status == 4
    assert ran.err.endswith(
        " did not answer within 1e-05 s; try again, or set AFCLI_OPENSEARCH_SECONDS to more\n"
    )


def test_a_claim_that_somebody_edited_is_found_by_its_digest(cluster, base):
    """Every command that reads it says so; a whole push mends it."""
    address = cluster.address("edited")
    push(base, address)
    shown = run("list", "--json", facts=address)
    name = cluster.ask("POST", "/edited.claims/_search")["hits"]["hits"][0]["_index"]
    id_ = json.loads(shown.out)[0]["id"]
    cluster.ask("POST", f"/{name}/_update/{id_}?refresh=true", {"doc": {"text": "Something else."}})
    ran = run("show", id_, facts=address)
    assert ran.err == (
        f"afcli: {address}: {id_} was changed in the cluster after it was pushed;"
        f" afcli push --anew DIR {address} writes everything again\n"
    )
    assert (ran.out, ran.status) == ("", 4)
    push(base, address, "--anew")
    assert run("list", "--json", facts=address) == shown


def test_a_base_of_another_version_is_not_read(cluster, base):
    """But pushed again."""
    address = cluster.address("older")
    push(base, address)
    name = next(iter(cluster.ask("GET", "/_alias/older.article")))
    found = cluster.ask("GET", f"/{name}/_doc/about")["_source"]
    from afcli.opensearch.mapping import digest

    row = [{**found["row"][0], "afcli": "0"}]
    changed = {"key": "about", "row": row, "digest": digest(["about", {"row": row}])}
    cluster.ask("PUT", f"/{name}/_doc/about?refresh=true", changed)
    ran = run("stats", facts=address)
    assert (
        ran.err
        == f"afcli: {address} was pushed by another version of afcli; push it again: afcli push DIR {address}\n"
    )
    assert ran.status == 4


def test_a_base_that_is_half_pushed_is_told_from_none(cluster):
    """There are indices, but no alias."""
    cluster.ask("PUT", "/half.claims.abc")
    cluster.wait(nodes=3)
    ran = run("stats", facts=cluster.address("half"))
    assert (ran.err, ran.status) == (
        f"afcli: {cluster.address('half')} is only partly pushed; continue with: afcli push DIR {cluster.address('half')}\n",
        4,
    )
    cluster.ask("DELETE", "/half.claims.abc")


def test_a_cluster_that_takes_no_writes_is_said(cluster, base):
    """A read-only one is read, but not pushed to."""
    address = cluster.address("readonly")
    push(base, address)
    cluster.ask("PUT", "/_cluster/settings", {"persistent": {"cluster.blocks.read_only": True}})
    try:
        path = min((base / "claims").iterdir())
        path.write_text(path.read_text("utf-8").replace("text: ", "text: New. ", 1), "utf-8")
        ran = run("push", base, address, facts=None)
        assert run("stats", facts=address).status == 0
    finally:
        cluster.ask("PUT", "/_cluster/settings", {"persistent": {"cluster.blocks.read_only": None}})
    assert ran.status == 4
    assert ran.err.startswith(f"afcli: {address} does not allow this: ")
    assert ran.err.count("\n") == 1


# Who may read: a gate before the server, with TLS and a password, as the official image has it


def listening(handler, context=None):
    """Return a server on a free port, as a context that gives the port."""
    import contextlib

    @contextlib.contextmanager
    def serve():
        with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as gate:
            if context:
                gate.socket = context.wrap_socket(gate.socket, server_side=True)
            threading.Thread(target=gate.serve_forever, daemon=True).start()
            yield gate.server_address[1]
            gate.shutdown()

    return serve()


class Gate(http.server.BaseHTTPRequestHandler):
    """Passes requests on to the first node if they have the password."""

    protocol_version = "HTTP/1.1"
    wanted = "Basic " + base64.b64encode(b"me:open:sesame").decode()

    def _pass(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.headers.get("Authorization") == self.wanted:
            server = http.client.HTTPConnection("localhost", opensearch.PORT + 1)
            server.request(self.command, self.path, body, {"Content-Type": "application/json"})
            answer = server.getresponse()
            status, kind, found = answer.status, answer.headers["Content-Type"], answer.read()
            server.close()
        else:
            status, kind, found = 401, "text/plain", b"Unauthorized"
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(found)))
        self.end_headers()
        self.wfile.write(found)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = _pass  # noqa: N815  # as the library calls them

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture(scope="module")
def gate(tmp_path_factory, tiny):
    """Return the port of the gate, and its certificate."""
    assert tiny
    folder = tmp_path_factory.mktemp("gate")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost", "-keyout", folder / "key.pem", "-out", folder / "cert.pem"],
        check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    with listening(Gate, context) as port:
        yield port, folder / "cert.pem"


def test_a_certificate_that_nobody_vouches_for_is_refused(gate):
    """With the name of the variable that names its signer."""
    port, _ = gate
    place = f"opensearch+https://localhost:{port}/tiny"
    ran = run("stats", facts=place)
    assert ran.err == (
        f"afcli: {place} has a certificate that this system does not trust;"
        " name a file with its signer's in AFCLI_OPENSEARCH_CA\n"
    )
    assert ran.status == 4


def test_plain_text_where_tls_is_spoken_is_said_and_the_other_way_round(gate, cluster):
    """Two mistakes with one remedy each."""
    port, certificate = gate
    plain = run("stats", facts=f"opensearch://localhost:{port}/tiny")
    assert (plain.err, plain.status) == (
        f"afcli: opensearch://localhost:{port}/tiny does not answer as OpenSearch does; correct the port, or write opensearch+https://\n",
        4,
    )
    there = f"opensearch+https://localhost:{opensearch.PORT + 1}/tiny"
    secure = run("stats", facts=there, env={"AFCLI_OPENSEARCH_CA": str(certificate)})
    assert (secure.err, secure.status) == (
        f"afcli: {there} does not speak TLS; correct the port, or write opensearch:// without +https\n",
        4,
    )


@pytest.mark.parametrize("way", ["address", "environment", "netrc"])
def test_credentials_are_taken_from_three_places_and_shown_in_none(gate, tmp_path, way):
    """The address, the environment, ~/.netrc: right ones open, wrong ones are refused in one line."""
    port, certificate = gate
    for password, status in (("open:sesame", 0), ("wrong-one", 4)):
        place = f"opensearch+https://localhost:{port}/tiny"
        env = {"AFCLI_OPENSEARCH_CA": str(certificate)}
        if way == "address":
            facts = place.replace("//", f"//me:{password.replace(':', '%3A')}@")
        elif way == "environment":
            facts = place
            env |= {"AFCLI_OPENSEARCH_USER": "me", "AFCLI_OPENSEARCH_PASSWORD": password}
        else:
            facts = place
            (tmp_path / ".netrc").write_text(f"machine localhost login me password {password}\n")
            (tmp_path / ".netrc").chmod(0o600)
            env |= {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(Path(HOME) / "cache")}
        ran = process("stats", "--json", facts=facts, env=env)
        assert ran.status == status
        assert password not in ran.err + ran.out
        if status:
            assert ran.err == (
                f"afcli: {place} refuses the user or the password; give them in AFCLI_OPENSEARCH_USER and"
                " AFCLI_OPENSEARCH_PASSWORD, in ~/.netrc or in the address\n"
            )
        else:
            assert ran.out == run("stats", "--json", facts=TINY).out
