"""A claim is compared with its sentences as a fact-checker does: a claim made wrong on purpose is found."""

import re
import sysconfig
from pathlib import Path

import pytest
from conftest import ARTICLE, HERE, SHIPPED, TINY, claim_findings

from afcli.authoring import written_dates
from afcli.authoring.article import read_table, sentences
from afcli.authoring.check import Extra
from afcli.authoring.check import Rule as Warned
from afcli.authoring.verify import Rule, SentenceRules
from afcli.dates import edtf_interval
from afcli.files.load import load
from afcli.months import MONTH_NAMES
from afcli.schema import schema

TINY_BASE = load(TINY)
FERRY = TINY_BASE.claims[0]


def findings(sentence, text, date="2019", basis="writing", **fields):
    """Return what is found in a claim with this text and date on this one sentence."""
    claim = FERRY._replace(
        text=text, date=date, date_basis=basis, interval=edtf_interval(date), at=("2.1",), **fields
    )
    found = claim_findings(claim, {"1.1": "The ferry that stayed", "2.1": sentence}, TINY_BASE)
    return [f"{finding.rule}: {finding.message}" for finding in found]


STARTED = "During August 1995, before the 0.93R6 release, Mensah began the first port."
PORT = "Mensah began the first port "
BRIDGE = "The bridge, 27 km long, cost 40,000 euros and took three years."
CLOSED = "According to Mensah, the port was not closed in winter, but it may reopen in spring."


@pytest.mark.parametrize(
    ("sentence", "text", "date", "wanted"),
    [
        (STARTED, PORT + "in August 1995.", "1995-08", []),
        (STARTED, PORT + "in August 1995.", "1995", []),
        (STARTED, PORT + "before 0.93R6.", "1995-08", []),
        (STARTED, PORT + "in December 1995.", "1995-08", ["date: December 1995 is not in 2.1, which gives August 1995", "date: the text says December 1995, the date 1995-08"]),
        (STARTED, PORT + "in August 1995.", "1871-01", ["date: the date January 1871 is not in 2.1, which gives August 1995", "date: the text says August 1995, the date 1871-01"]),
        (STARTED, PORT + "one December.", "1995-08", ["date: December is not in 2.1"]),
        (STARTED, PORT + "on 5 August 1995.", "1995-08", ["number: 5 is not in 2.1", "date: 5 August 1995 is not in 2.1, which gives August 1995"]),
        ("In 1995 he came; in March of that year he left.", "Mensah left in March 1995.", "1995-03", []),
        ("From 2008 to 2018 it ran.", "The ferry ran from 2008 to 2018.", "2008/2018", []),
        ("From 2008 to 2018 it ran.", "The ferry ran from 2008 to 2017.", "2008/2017", ["date: the date 2017 is not in 2.1, which gives 2008, 2018"]),
        ("It began in the 1950s.", "The ferry began in the 1950s.", "195X", []),
        ("Since the summer of 2021 it has run.", "The ferry has run since the summer of 2021.", "2021-22/..", []),
        ("It ended on 04.03.2018.", "The ferry ended on 4 March 2018.", "2018-03-04", []),
    ],
)  # fmt: skip
def test_dates(sentence, text, date, wanted):
    """Those of the text and of the field, with the months that have a year elsewhere; and against each other."""
    assert findings(sentence, text, date, "stated") == wanted


@pytest.mark.parametrize(
    ("sentence", "text", "date"),
    [
        ("It ended on the fifth of March 2018.", "The ferry ended on 05 March 2018.", "2018-03-05"),
        ("In 2012 the ferry ran.", "The ferry ran in 2012.", "2008/2018"),
    ],
)
def test_a_date_that_was_inferred_may_be_said(sentence, text, date):
    """Its day in figures, and a year within a span."""
    assert findings(sentence, text, date, "inferred") == []


@pytest.mark.parametrize(
    ("sentence", "text", "wanted"),
    [
        (BRIDGE, "The bridge is 27 kilometres long.", []),
        (BRIDGE, "The bridge is 27 miles long.", ["unit: 27 has the unit kilometre in 2.1, here mile"]),
        (BRIDGE, "The bridge cost 40,000 dollars.", ["unit: 40,000 has the unit euro in 2.1, here dollar"]),
        (BRIDGE, "The bridge cost €40,000.", []),
        (BRIDGE, "The bridge cost 40,000 million euros.", ["unit: 40,000 has the unit euro in 2.1, here euro million"]),
        (BRIDGE, "The bridge took 3 years.", []),
        (BRIDGE, "The bridge took four years.", ["number: four is not in 2.1"]),
        (BRIDGE, "The bridge took one year.", []),
        ("The bridge took 3 long years.", "The bridge took 3 months.", []),
        ("The port may close unless Mensah pays.", "The port and Mensah close.", ["hedge: leaves out the 'may' of 2.1"]),
        ("Reportedly coal, salt, wool, iron, wheat, timber, cloth, paper, glass, sugar, honey, wax, fish and copper came.", "Perhaps copper was there.", []),
        (BRIDGE, "The bridge took three months.", ["unit: 3 has the unit year in 2.1, here month"]),
        ("Of the 31 million people 27% stayed.", "Some 27 million people stayed.", ["unit: 27 has the unit % in 2.1, here million"]),
        ("Of the 31 million people 27% stayed.", "There were 31 people.", ["unit: 31 has the unit million in 2.1, here none"]),
        (CLOSED, "Mensah says that the port was not closed in winter.", []),
        (CLOSED, "Mensah says that the port was closed in winter.", ["negation: leaves out the 'not' of 2.1"]),
        (CLOSED, "The port was not closed in winter.", ["hedge: leaves out the 'According to Mensah' of 2.1"]),
        (CLOSED, "The port may reopen in spring.", []),
        (CLOSED, "The port will reopen in spring.", ["hedge: leaves out the 'may' of 2.1"]),
        ("The port was closed in winter.", "The port was not closed.", ["negation: says 'not', which 2.1 does not say of this"]),
        ("The port was closed in winter.", "The port was reportedly closed.", ["hedge: says 'reportedly', which 2.1 does not say of this"]),
        ("Mensah refused to pay.", "Mensah did not pay.", []),
        ("Not only the port was closed.", "The port was closed.", []),
        ("The port did not open without a fight.", "The port opened.", []),
        ("It was unclear what the port cost.", "What the port cost was not clear.", []),
        ("The port is free to use.", "The port can be used without payment.", []),
        ("Mensah does not keep to ferries only.", "Mensah keeps more than ferries.", []),
        ("The port stayed open for all ships.", "Anyone may use the port.", []),
        ("The ferry alone reached the port.", "The port could be reached only by ferry.", []),
        ("It was sold in May and June.", "The port was sold in May.", []),
        ("The port was not given cheaply yesterday to bank directors abroad.", "Bank directors abroad had the port.", ["negation: leaves out the 'not' of 2.1"]),
        ("Reportedly the port was sold.", "The port was sold.", ["hedge: leaves out the 'Reportedly' of 2.1"]),
    ],
)  # fmt: skip
def test_units_denials_and_hedges(sentence, text, wanted):
    """Lost or added."""
    assert findings(sentence, text) == wanted


def test_a_denial_is_the_business_of_the_claim_that_says_it_best():
    """Other claims on the same sentence may leave it out."""
    sentence = "The port was not given to the bank in the crisis year 2018."
    own = FERRY._replace(id="a", text="The crisis year 2018 hit the port and the bank.", at=("2.1",))
    other = FERRY._replace(
        id="b", text="The port did not go to the bank in the crisis year 2018.", at=("2.1",)
    )
    for claims, wanted in (((own,), ["negation"]), ((own, other), [])):
        found = claim_findings(
            own._replace(date="2019", date_basis="writing"),
            {"2.1": sentence},
            TINY_BASE._replace(claims=claims),
        )
        assert [finding.rule for finding in found] == wanted


@pytest.mark.parametrize(
    ("sentence", "speaker", "wanted"),
    [
        ("Kofi Mensah said that it was late.", "mensah", []),
        ("Mensah said that it was late.", "mensah", []),
        ("Vale said that it was late.", "mensah", ["speaker: Kofi Mensah does not speak in 2.1"]),
        ("He said that it was late.", "mensah", ["speaker: Kofi Mensah does not speak in 2.1"]),
    ],
)
def test_speakers(sentence, speaker, wanted):
    """Whoever says it is named in the sentence, or meant by a pronoun and named just before."""
    said_by = (TINY_BASE.entities[speaker],)
    assert findings(sentence, "It was said to be late.", said_by=said_by) == wanted


def test_a_pronoun_may_mean_a_speaker_named_before():
    """In the same paragraph, or in one of the two before."""
    claim = FERRY._replace(text="It was late.", said_by=(TINY_BASE.entities["mensah"],), at=("2.2",))
    claim = claim._replace(date="2019", date_basis="writing")
    texts = {"2.1": "Mensah came.", "2.2": "He said that it was late."}
    assert claim_findings(claim, texts, TINY_BASE) == []


def test_what_a_claim_explains_is_not_found():
    """Rule by rule."""
    explained = {"date": "The article errs.", "number": "It does."}
    assert findings(STARTED, "Mensah began in December 1995.", "1995-08", "stated", explained=explained) == []


def test_every_finding_in_a_claim_can_be_explained():
    """What happened to its sentences cannot."""
    rules = {str(rule) for rule in (*Rule, *Warned, *Extra)}
    beside = {"moved", "changed", "gone", "missing", "draft", "unread"}
    of_others = {"shared-alias", "unused-source", "missing-field"}
    allowed = schema("claims")["$defs"]["claim"]["properties"]["explained"]["propertyNames"]["enum"]
    assert set(allowed) == rules - beside - of_others


def test_a_sentence_that_is_not_there():
    """Nothing else can be told then."""
    found = claim_findings(FERRY._replace(at=("9.9",)), {"2.1": "It ran."}, TINY_BASE)
    assert [str(finding) for finding in found] == ["c001: missing: the article has no sentence 9.9"]


def own_claims(texts):
    """Yield a claim for each sentence that says nothing else than it does, with each of its dates."""
    for id_, text in texts.items():
        dates = [(found.edtf, "stated") for found in written_dates.find(text)] or [("2019", "writing")]
        for date, basis in dates:
            interval = edtf_interval(date)
            yield FERRY._replace(text=text, at=(id_,), date=date, date_basis=basis, interval=interval)


def accused(texts):
    """Return what is found in those claims, besides that they copy."""
    text = SentenceRules(TINY_BASE._replace(claims=()), texts)
    found = (finding for claim in own_claims(texts) for finding in text.findings(claim))
    return [str(f) for f in found if f.rule != "run" and "more than" not in f.message]


def test_no_sentence_accuses_itself():
    """Of any text at hand: what a claim repeats word for word is never found to differ."""
    pytest.importorskip("sentencex")
    library = Path(sysconfig.get_path("stdlib"))
    pages = [HERE / "authoring" / "lamp.txt", library / "LICENSE.txt", library / "idlelib" / "NEWS.txt"]
    for page in filter(Path.exists, pages):
        assert accused(sentences(page)) == []
    assert accused(read_table(TINY / "sentences.tsv")) == []
    if ARTICLE.exists():
        assert accused(read_table(ARTICLE)) == []


def _other_month(text):
    months = re.compile(rf"\b({'|'.join(MONTH_NAMES)})\b")
    return months.sub(lambda month: MONTH_NAMES[(MONTH_NAMES.index(month[1]) + 5) % 12], text, count=1)


def _other_year(text):
    return re.sub(r"\b(1[5-9]|20)(\d\d)\b", lambda m: f"{m[1]}{(int(m[2]) + 3) % 100:02}", text, count=1)


def _other_number(text):
    number = r"(?<![\d.,\w])(?!(?:1[5-9]|20)\d\d\b)(\d+)(?![\d.,]*\d)(?!\w)"
    return re.sub(number, lambda m: str(int(m[1]) + 13), text, count=1)


_OTHER_UNITS = {
    "km": "miles", "%": " million", "million": "billion", "euros": "dollars", "years": "months", "ferries": "ferries",
}  # fmt: skip


def _other_unit(text):
    unit = r"(?<=\d)(\s?)(km|%|million|euros|years)(?!\w)"
    return re.sub(unit, lambda m: m[1] + _OTHER_UNITS[m[2]], text, count=1)


def _without_not(text):
    return re.sub(r"\bnot ", "", text, count=1)


def _with_not(text):
    return re.sub(r"\b(is|are|was|were|will|may|has|have)\b", r"\1 not", text, count=1)


def _without_hedge(text):
    adverb = r"\b(?:reportedly|allegedly|perhaps|apparently|probably|possibly|supposedly) "
    return re.sub(rf"{adverb}|\b(?:may|might)\b(?= [a-z])", "", text, count=1)


def _mutants(base):
    """Yield each way to make a claim wrong, with every claim that it changes and its mutant."""
    ways = (
        _other_month,
        _other_year,
        _other_number,
        _other_unit,
        _without_not,
        _with_not,
        _without_hedge,
    )
    for way in ways:
        yield way.__name__, [(claim, claim._replace(text=way(claim.text))) for claim in base.claims]
    people = [entity for entity in base.entities.values() if entity.type in ("person", "organisation")]
    yield "_other_speaker", [(c, _said_by_another(c, people)) for c in base.claims if c.said_by]
    dated = [(claim, _dated_otherwise(claim)) for claim in base.claims if claim.date_basis == "stated"]
    yield "_other_date", dated


def _said_by_another(claim, people):
    speaker = claim.said_by[0]
    others = (p for p in people if p not in (*claim.said_by, *claim.actors) and p.name not in claim.text)
    other = next(others, None)
    if other is None:
        return claim
    names = sorted(speaker.names[1:], key=len, reverse=True)
    name = next((name for name in names if name in claim.text), "")
    text = claim.text.replace(name, other.name) if name else claim.text
    return claim._replace(said_by=(other,), text=text)


def _dated_otherwise(claim):
    date = re.sub(r"-(\d\d)", lambda m: f"-{int(m[1]) % 12 + 1:02}", claim.date, count=1)
    date = date if date != claim.date else _other_year(date)
    try:
        return claim._replace(date=date, interval=edtf_interval(date))
    except ValueError:
        return claim


def shares(base, texts):
    """Return how many of the mutants of each kind are found, and how many there are."""
    text = SentenceRules(base, texts)
    counts = {}
    for way, pairs in _mutants(base):
        wrong = [(right, mutant) for right, mutant in pairs if mutant != right]
        caught = sum(bool({*text.findings(mutant)} - {*text.findings(right)}) for right, mutant in wrong)
        counts[way] = (caught, len(wrong))
    return counts


LEAST = {"_without_not": 0.3, "_with_not": 0.5, "_without_hedge": 0.5}
"""The share of mutants that must be found, if it is not all: the rest still says it in other words, or a table does."""


def check_shares(counts):
    """Hold the shares found against the least ones."""
    for way, (caught, wrong) in counts.items():
        assert caught >= LEAST.get(way, 1) * wrong, (way, caught, wrong)
        assert wrong, way


def _licence(tmp_path):
    """Return the text that the example stands on, which came with this Python."""
    licence = Path(sysconfig.get_path("stdlib")) / "LICENSE.txt"
    if not licence.exists():
        pytest.skip("this Python came without its licence")
    path = tmp_path / "licence.txt"
    path.write_text(licence.read_text("utf-8").partition("B. TERMS AND CONDITIONS")[0], "utf-8")
    return sentences(path)


def test_mutants_of_our_own_claims_are_found(tmp_path):
    """Over the small base, the lamp and the example: dates, numbers, units and speakers without exception."""
    pytest.importorskip("sentencex")
    lamp, drafted = load_lamp(tmp_path)
    bases = [
        (TINY_BASE, read_table(TINY / "sentences.tsv")),
        (lamp, drafted),
        (load(HERE.parent / "examples" / "python-history"), _licence(tmp_path)),
    ]
    total = {}
    for base, texts in bases:
        for way, (caught, wrong) in shares(base, texts).items():
            before = total.get(way, (0, 0))
            total[way] = (before[0] + caught, before[1] + wrong)
    check_shares(total)


def load_lamp(tmp_path):
    """Return the finished base of the lamp, and the sentences of its article."""
    import shutil

    base = shutil.copytree(HERE / "authoring" / "draft", tmp_path / "lamp")
    shutil.copytree(HERE / "authoring" / "rewritten", base, dirs_exist_ok=True)
    return load(base), read_table(base / "sentences.tsv")


@pytest.mark.skipif(not ARTICLE.exists(), reason="the article is not here")
def test_mutants_of_the_shipped_claims_are_found():
    """Of wrong dates, numbers and units every one; no claim as it is."""
    base, texts = load(SHIPPED), read_table(ARTICLE)
    assert [f for claim in base.claims for f in claim_findings(claim, texts, base)] == []
    check_shares(shares(base, texts))
