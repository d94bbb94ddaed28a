"""The library: every example of docs/python.md, and that it neither prints nor ends a process."""

import ast
import builtins
import doctest
import inspect
import re
from functools import partial
from pathlib import Path

import pytest
from conftest import SHIPPED, TINY

import afcli
from afcli.claim_lists import Claims
from afcli.index import build, upkeep
from afcli.library import Facts, open_facts

ROOT = Path(__file__).parent.parent


def test_the_examples_of_the_page_are_right(monkeypatch):
    """As they stand, one after the other."""
    monkeypatch.chdir(ROOT)
    monkeypatch.delenv("AFCLI_FACTS", raising=False)
    page = (ROOT / "docs" / "python.md").read_text("utf-8")
    examples = "\n".join(re.findall(r"```pycon\n(.*?)```", page, re.DOTALL))
    flags = doctest.ELLIPSIS | doctest.IGNORE_EXCEPTION_DETAIL
    runner = doctest.DocTestRunner(optionflags=flags)
    shown = []
    runner.run(doctest.DocTestParser().get_doctest(examples, {}, "python.md", None, 0), out=shown.append)
    assert "".join(shown) == ""
    assert runner.summarize(verbose=False).attempted > 20


def test_nothing_is_printed(capfd):
    """Whatever is asked, and even where it is wrong."""
    facts = afcli.open(TINY)
    assert facts.find("mennsah bill")[0].claim == facts["c004"]
    assert facts.answer("zeppelin").unknown == ("zeppelin",)
    for wrong in (lambda: facts.claims(country="nowhere"), lambda: facts.source("x"), facts.cite):
        with pytest.raises(afcli.AfcliError):
            wrong()
    assert capfd.readouterr() == ("", "")


def test_progress_is_told(base, monkeypatch):
    """It reaches whoever builds the index."""
    told = []
    monkeypatch.setattr(upkeep, "build", partial(_telling, build.build))
    afcli.open(base, progress=lambda done, total: told.append((done, total)))
    assert told == [(1, 2)]
    afcli.open(str(base), progress=lambda done, total: told.append((done, total)))
    assert told == [(1, 2)]


def _telling(work, directory, digest, path, progress):
    progress(1, 2)
    return work(directory, digest, path, lambda *_: None)


def test_claims_are_a_sequence():
    """Counted, cut, met and gone through; in the order of the article."""
    claims = afcli.open(TINY).claims()
    ids = ["c001", "c002", "c003", "c004", "c005", "c006"]
    assert isinstance(claims, Claims)
    assert (len(claims), [claim.id for claim in claims]) == (6, ids)
    assert (claims[-1].id, [claim.id for claim in claims[1:3]]) == ("c006", ids[1:3])
    assert claims[2] in claims
    assert [claim.id for claim in claims & afcli.open(TINY).claims(source=1)] == ["c002", "c003"]


def test_every_filter_of_the_library_is_one_of_the_command_line():
    """Several values widen, different filters narrow; numbers and names will do."""
    facts = afcli.open(TINY)
    listed = {
        name: [claim.id for claim in facts.claims(**{name: value})]
        for name, value in (
            ("country", ["ci", "za"]), ("actor", "mensah"), ("source", 1), ("kind", ("quote", "forecast")), ("basis", "explicit"), ("start", "2018"),
        )
    }  # fmt: skip
    assert listed["source"] == ["c002", "c003"]
    assert all(listed.values())
    assert [claim.id for claim in facts.claims(source=1, actor="mensah")] == ["c002"]
    assert [claim.id for claim in facts.claims(start=2018)] == listed["start"]


def test_a_claim_is_cited_by_itself():
    """With others there is no one citation."""
    facts = afcli.open(TINY)
    with pytest.raises(afcli.AfcliError, match="a claim is cited by itself"):
        facts.cite("c002", 1)


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (lambda facts: facts.claims(kind="opinions"), "no kind is called 'opinions'; use one of fact, report, quote, opinion, "),
        (lambda facts: facts.claims(basis=["explicit", "x"]), "no basis is called 'x'; use one of explicit, inferred"),
        (lambda facts: facts.find("bill", status="foo"), "no status is called 'foo'; use one of read, draft, "),
        (lambda facts: facts.answer("bill", kind="nope"), "no kind is called 'nope'; "),
        (lambda facts: facts.entities("nope"), "no kind of entity is called 'nope'; use one of country, actor, topic, place"),
        (lambda facts: facts.entities("nope", "mensah"), "no kind of entity is called 'nope'; "),
        (lambda facts: facts.find("bill", limit=0), "limit 0 shows nothing; give 1 or more, or None for all"),
        (lambda facts: facts.answer("bill", limit=-1), "limit -1 shows nothing; "),
        (lambda facts: facts.cite("c002", locator="p. 5"), "a claim is cited with its own section; leave out the locator or c002"),
        (lambda facts: facts.cite(1, form="bibtex"), "no form is called 'bibtex'; use one of plain, markdown, html"),
        (lambda facts: facts.claims() & afcli.open(SHIPPED).claims(), "these are claims of different facts; "),
    ],
)  # fmt: skip
def test_what_is_not_there_is_refused(ask, said):
    """Not answered with nothing, or with something else: a typo would read as the silence of the article."""
    with pytest.raises(afcli.UsageError, match=re.escape(said)):
        ask(afcli.open(TINY))


def test_a_claim_has_no_number():
    """A number is a source's: who asks for a claim by one is told so."""
    facts = afcli.open(TINY)
    for ask in (facts.get, facts.__getitem__):
        with pytest.raises(TypeError, match=re.escape("'c042', not 2; for a source, use source(2)")):
            ask(2)
    assert facts.get("C2") == facts["c002"]


def test_a_damaged_index_is_an_error_like_any_other():
    """Whoever catches all errors of afcli catches it too."""
    with pytest.raises(afcli.AfcliError) as raised:
        afcli.open(TINY).base.rows("SELECT what FROM lost")
    assert (raised.type, raised.value.exit_status) == (afcli.DamagedError, 74)


def test_the_library_is_typed():
    """Every parameter and every answer."""
    assert (Path(afcli.__file__).parent / "py.typed").is_file()
    for name, method in inspect.getmembers(Facts, inspect.isfunction):
        signature = inspect.signature(method)
        assert signature.return_annotation is not signature.empty, name
        for parameter in list(signature.parameters.values())[1:]:
            assert parameter.annotation is not parameter.empty, (name, parameter)


def test_a_star_leaves_the_names_of_python():
    """`open` above all; `afcli.open` is there all the same."""
    assert not set(afcli.__all__) & set(dir(builtins))
    assert afcli.open is open_facts


def test_the_page_and_the_package_have_every_error():
    """All that the library raises on purpose, with the status of each that ends a command."""
    page = (ROOT / "docs" / "python.md").read_text("utf-8")
    listed = set(re.findall(r"^\| `(\w+Error)`", page, re.MULTILINE))
    assert listed == {name for name in afcli.__all__ if name.endswith("Error")} - {"AfcliError"}
    assert all(issubclass(getattr(afcli, name), afcli.AfcliError) for name in listed)


def test_the_package_gives_what_the_page_names():
    """And nothing else by any name."""
    assert {afcli.Facts, afcli.Claim, afcli.Source} == {Facts, afcli.model.Claim, afcli.model.Source}
    told = (Path(afcli.__file__).with_suffix(".pyi")).read_text("utf-8")
    assert f"__all__ = {afcli.__all__}" in ast.unparse(ast.parse(told))
    assert all(getattr(afcli, name).__name__ == name for name in afcli.__all__ if name != "__version__")
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        afcli.nothing  # noqa: B018  # to ask is the point
