"""Compare a claim with its sentences as a fact-checker does: numbers and units, dates, hedges, negation, quotations."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from afcli.authoring.written_dates import dates
from afcli.months import MONTH_NAMES, MONTHS
from afcli.text import SMALL, fold, stem, words

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from afcli.model import Claim

    Difference = tuple[str, str]
    """A rule, and what is wrong."""
    Point = str
    """A year, month or day, as in 2018-03-04; a decade is three digits of a year."""

_QUOTED = re.compile(r"“([^”]+)”")
_NO_QUOTES = {ord(char): None for char in "'\"‘’“”"}

# Numbers and units.

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_COUNTED = "zero one two three four five six seven eight nine ten eleven twelve".split()
_NUMBER_WORDS = {word: str(number) for number, word in enumerate(_COUNTED)}
_UNIT_FORMS = {
    "%": "% percent per-cent",
    "thousand": "thousand",
    "million": "million m mn",
    "billion": "billion bn",
    "euro": "€ euro euros eur",
    "dollar": "$ dollar dollars usd",
    "pound": "£ pound pounds gbp",
    "kilometre": "km kilometre kilometres kilometer kilometers",
    "mile": "mile miles",
    "metre": "metre metres meter meters",
    "foot": "foot feet ft",
    "kilogram": "kg kilogram kilograms kilo kilos",
    "tonne": "tonne tonnes ton tons",
    "hectare": "hectare hectares ha",
    "acre": "acre acres",
    "second": "second seconds",
    "minute": "minute minutes",
    "hour": "hour hours",
    "day": "day days",
    "week": "week weeks",
    "month": "month months",
    "year": "year years",
}
_UNITS = {form: unit for unit, forms in _UNIT_FORMS.items() for form in forms.split()}
_SIZES = {"%", "thousand", "million", "billion"}
"""Units without which a number is another number."""
_COUNT = r"\d+(?:[.,]\d+)*|(?<![\w-])(?:" + "|".join(_COUNTED) + r")\b"
_COUNTED_NOUN = re.compile(rf"({_COUNT})\s+([^\W\d_]+)", re.IGNORECASE)
_MEASURED = re.compile(
    rf"(?P<before>[€$£]\s?)?(?P<number>{_COUNT})"
    r"[\s-]?(?P<after>%|€|per cent|[a-z]+)?(?:[\s-](?P<further>[a-z]+))?",
    re.IGNORECASE,
)

# Dates.

_BARE_MONTH = re.compile(rf"\b({'|'.join(MONTH_NAMES)})\b(?=\W|$)")
_NUMERIC_DATE = re.compile(r"(?<![\d.])(\d{1,2})[.-](\d{1,2})[.-](\d{4})(?!\d)")
_POINT = re.compile(r"\d{4}(?:-(?:0\d|1[0-2])(?:-\d\d)?)?|\d{3}(?=X)")
"""Of a date in EDTF; a season has a number above that of any month."""

# Words that deny and words that doubt. Each has a strict form, which must not be lost, and a wide one, which will do.

_NOT = (
    r"not(?! (?:all|every|only|least|just|merely)\b)|never|no(?! (?:wonder|doubt|matter)\b)|nor|cannot|\w+n['’]t|neither|none"
    r"|nobody|nothing|nowhere|without|hardly|barely|scarcely"
)
_DENIES = (
    r"refus\w*|den(?:y|ies|ied)|reject\w*|declin\w*|fail\w*|lack\w*|unable|unlikely|refrain\w*|ban(?:s|ned)?|exclu\w*"
    r"|stop\w*|prevent\w*|un(?!der|ion|it|if|iv|iq|til|cles?\b)[a-z]{4,}|in(?:capable|different\w*|stead)|regardless|irrespective|contrary|absen\w+|not|no"
    r"|little|only|free|gratis"
)
_DENIES_TOO = (
    r"more than|beyond|other than|few|differ\w*|depart\w*|independent\w*|rather|against|opposed?|free of"
)
"""Words that make up for a lost denial, but are no reason to add one."""
_PERHAPS = (
    r"reportedly|allegedly|alleged|apparently|seemingly|presumably|supposedly|possibly|probably|potentially|perhaps"
    r"|maybe|(?<!anyone )(?<!anybody )(?<!everyone )(?<!everybody )(?-i:may)|might|could(?!(?: \w+){0,2} only\b)|likely|unlikely|seems?|seemed|appears? to|appeared to|one hears|it is said|(?:is|are|was|were) said to|rumou?r\w*|unconfirmed"
)
_SAYS = (
    r"according to [^,.;]+(?=,)|(?:claim(?:s|ed)?|alleges?) (?:that|to)"
    r"|(?:said|says|stated|argue[sd]?|insist(?:s|ed)?) that"
)
_DOUBTS = (
    r"would|can|should|expect\w*|fear\w*|think\w*|thought|suppos\w*|judge\w*|believ\w*|hop(?:e|es|ed)|speculat\w*"
    r"|infer\w*|whether|unknown|plan\w*|intend\w*|claim\w*|assum\w*|consider\w*|uncertain\w*|probab\w+|suggest\w*|say"
    r"|says|said|according to|eventually|doubt\w*|stated|stresse[sd]|announce[sd]?|declare[sd]?|insist\w*|argue[sd]?"
    r"|allege\w*|hear\w*|reports?|reported|told|tells?|estimat\w*|roughly|approximately"
)
_HEDGES_TOO = r"question\w*|ask\w*|threat\w*|if|offer\w*|view|holds?|finds?|hard|difficult|about|around|or so"
"""Words that make up for a lost hedge, but are no reason to add one."""
_DENIAL, _SOME_DENIAL, _ANY_DENIAL, _HEDGE, _SOME_HEDGE, _ANY_HEDGE, _SAYING = (
    re.compile(rf"\b(?:{forms})\b", re.IGNORECASE)
    for forms in (
        _NOT,
        f"{_NOT}|{_DENIES}",
        f"{_NOT}|{_DENIES}|{_DENIES_TOO}",
        _PERHAPS,
        f"{_PERHAPS}|{_DOUBTS}",
        f"{_PERHAPS}|{_DOUBTS}|{_HEDGES_TOO}",
        _SAYS,
    )
)
_CANCELS = re.compile(r"\b(?:without|hesitat\w+|unless|until|fail\w*)\b", re.IGNORECASE)
"""Words that make one with the denial before them."""
_PAUSE = re.compile(r"[,;:()\[\]–—?]| - |\b(?:but|while|although|though|whereas|because|which|who)\b")
_REACH = 6
"""How many words, small ones aside, a denial or a hedge is about."""


def differences(
    claim: Claim, sentences: Mapping[str, str], siblings: Collection[str]
) -> Iterator[Difference]:
    """Yield each rule that *claim* breaks, and how, given its own *sentences* by their ids.

    *siblings* are the texts of the other claims on any of them: where one of those says the denied or doubted
    part of a sentence better than this one, that part is not one of this one's business.
    """
    at, text = ", ".join(sentences), " ".join(sentences.values())
    yield from _numbers_differ(claim, text, at)
    yield from _dates_differ(claim, text, at)
    yield from _cues_differ(claim, sentences, siblings)
    yield from _quotations_differ(claim, text, at)


def _quotations_differ(claim: Claim, text: str, at: str) -> Iterator[Difference]:
    plain = fold(text).translate(_NO_QUOTES)
    for quotation in _QUOTED.findall(claim.text):
        if fold(quotation).translate(_NO_QUOTES).rstrip(".,;") not in plain:
            yield "quote", f"{quotation!r} is not in {at}"


def _numbers_differ(claim: Claim, text: str, at: str) -> Iterator[Difference]:
    """Yield the numbers that the sentences do not have, or have in another unit."""
    known = _numbers(text)
    for number in _NUMBER.findall(claim.text):
        if number not in known and not _is_of_date(number, claim.date):
            yield "number", f"{number} is not in {at}"
    nouns = {noun for _, noun in _counted(text)}
    for written, noun in _counted(claim.text):
        number = _NUMBER_WORDS.get(written, "")
        if number not in ("", "0", "1", *known) and noun in nouns:
            yield "number", f"{written} is not in {at}"
    theirs = _measured(text)
    for number, units in _measured(claim.text).items():
        there = theirs.get(number, set())
        differ = units - there if there else units & _SIZES
        if number in theirs and (differ or (there - units) & _SIZES):
            given, ours = (" ".join(sorted(each)) for each in (there, units))
            has = f"the unit {given}" if there else "no unit"
            yield "unit", f"{number} has {has} in {at}, here {ours or 'none'}"


def _numbers(text: str) -> set[str]:
    return {*_NUMBER.findall(text), *(_NUMBER_WORDS[word] for word in words(text) if word in _NUMBER_WORDS)}


def _counted(text: str) -> Iterator[tuple[str, str]]:
    """Yield each number of *text* as it is written, and the stem of the noun after it."""
    return ((found[1].lower(), stem(fold(found[2]))) for found in _COUNTED_NOUN.finditer(text))


def _is_of_date(number: str, date: str) -> bool:
    """Tell whether *number* is part of the resolved date, with or without a leading zero."""
    return number.lstrip("0") in {part.lstrip("0") for part in re.findall(r"\d+", date)}


def _measured(text: str) -> dict[str, set[str]]:
    """Return the units of each number of *text*; a number without one has none."""
    found: dict[str, set[str]] = {}
    for measure in _MEASURED.finditer(text):
        number = _NUMBER_WORDS.get(measure["number"].lower(), measure["number"])
        forms = (
            (measure[part] or "").strip().lower().replace(" ", "-") for part in ("before", "after", "further")
        )
        first, *rest = [_UNITS.get(form, "") for form in forms]
        # "30 old years" are not measured in years.
        rest = rest if rest[0] else []
        found.setdefault(number, set()).update(filter(None, (first, *rest)))
    return found


def _dates_differ(claim: Claim, text: str, at: str) -> Iterator[Difference]:
    """Yield the dates of the claim's text and field that are not in its sentences, or contradict each other."""
    there = _points(text)
    bare = _months(text) - _months_of(there)
    field = _bounds(claim.date)
    given = ", ".join(dict.fromkeys(map(_shown, sorted(there)))) or "no date"

    def stands(point: Point) -> bool:
        if any(other.startswith(point) for other in there):
            return True
        # "In March of that year", where another sentence gives the year.
        year, *rest = point.split("-")
        known = bool(re.search(rf"\b{year}", text)) and _months_of([point]) <= bare
        return known and (len(rest) < 2 or str(int(rest[1])) in _numbers(text))

    if claim.date_basis == "stated":
        for point in field:
            if not stands(point):
                yield "date", f"the date {_shown(point)} is not in {at}, which gives {given}"
    said = _points(claim.text)
    for point in sorted(said):
        if not stands(point) and not any(other.startswith(point) for other in field):
            yield "date", f"{_shown(point)} is not in {at}, which gives {given}"
    for month in sorted(_months(claim.text) - bare - _months_of([*there, *field, *said])):
        yield "date", f"{MONTH_NAMES[month - 1]} is not in {at}"
    if claim.date_basis != "writing" and said and field and not _overlap(said, field):
        yield "date", f"the text says {' and '.join(map(_shown, sorted(said)))}, the date {claim.date}"


def _points(text: str) -> set[Point]:
    """Return the dates with a year in *text*, both ends of a range."""
    found = {point for edtf in dates(text) for point in _bounds(edtf)}
    for day, month, year in _NUMERIC_DATE.findall(text):
        if 1 <= int(month) <= 12:
            found.add(f"{year}-{int(month):02}-{int(day):02}")
    return found


def _bounds(edtf: str) -> list[Point]:
    return [found[0] for bound in edtf.split("/") if (found := _POINT.match(bound))]


def _months(text: str) -> set[int]:
    return {MONTHS[name.lower()] for name in _BARE_MONTH.findall(text)}


def _months_of(points: Iterable[Point]) -> set[int]:
    return {int(point[5:7]) for point in points if point[5:]}


def _overlap(said: Collection[Point], field: Sequence[Point]) -> bool:
    """Tell whether a date of the text may be that of the field, or lies between its two ends."""
    return any(
        one.startswith(other)
        or other.startswith(one)
        or (len(field) > 1 and field[0][:4] <= one[:4] <= field[-1][:4])
        for one in said
        for other in field
    )


def _shown(point: Point) -> str:
    year, month, day = (*point.split("-"), "0", "0")[:3]
    name = f"{MONTH_NAMES[int(month) - 1]} " if int(month) else ""
    return f"{int(day) or ''} {name}{year}{'0s' if len(year) == 3 else ''}".strip()


def _cues_differ(
    claim: Claim, sentences: Mapping[str, str], siblings: Collection[str]
) -> Iterator[Difference]:
    """Yield the denials and hedges that the sentences have and the claim has not, and the other way round."""
    at, text = ", ".join(sentences), " ".join(sentences.values())
    for rule, strict, enough, wide in (
        ("negation", _DENIAL, _SOME_DENIAL, _ANY_DENIAL),
        ("hedge", _HEDGE, _SOME_HEDGE, _ANY_HEDGE),
    ):
        denies = rule == "negation"
        for cue, about in _about(_QUOTED.sub("", claim.text), strict, denies=denies):
            if not enough.search(text) or not _is_cued(about, text, enough, denies=denies):
                yield rule, f"says {cue!r}, which {at} does not say of this"
        if not wide.search(claim.text):
            yield from _lost(claim, sentences, siblings, rule, strict)
    attributed = _ANY_HEDGE.search(claim.text) or _SAYING.search(claim.text)
    if claim.kind == "fact" and not claim.said_by and not attributed:
        yield from _lost(claim, sentences, siblings, "hedge", _SAYING)


def _lost(
    claim: Claim, sentences: Mapping[str, str], siblings: Collection[str], rule: str, cues: re.Pattern[str]
) -> Iterator[Difference]:
    """Yield each of the *cues* of a sentence whose words the claim repeats without it."""
    mine = _content(claim.text)
    others = [_content(other) for other in siblings if cues.search(other)]
    for id_, sentence in sentences.items():
        for cue, about in _about(sentence, cues, denies=rule == "negation"):
            if _is_said(cue, about, mine, others):
                yield rule, f"leaves out the {cue!r} of {id_}"


def _about(sentence: str, cues: re.Pattern[str], *, denies: bool) -> Iterator[tuple[str, list[str]]]:
    """Yield each of the *cues* in a sentence, and the stems of the next words, which it is about."""
    for cue in cues.finditer(sentence):
        pauses = (pause.start() for pause in _PAUSE.finditer(sentence, cue.end()))
        end = next((p for p in pauses if _content(sentence[cue.end() : p])), len(sentence))
        after, before = sentence[cue.end() : end], sentence[: cue.start()]
        cancelled = _CANCELS.search(after) or re.search(r"\bwhy\b", before, re.IGNORECASE)
        if denies and (cancelled or (cue[0].lower() == "without" and _DENIAL.search(before))):
            continue
        if about := _stems(after)[:_REACH]:
            yield cue[0], about


def _is_said(cue: str, about: list[str], mine: set[str], others: Iterable[set[str]]) -> bool:
    """Tell whether a claim with the stems *mine* says what a *cue* is *about*, and none of the *others* says it better."""
    shared = mine.intersection(about)
    few = len(set(about)) < (2 if cue.lower() == "no" else 3)
    if about[0] in mine and (len(shared) > 1 or few):
        return True
    best = max((len(other.intersection(about)) for other in others), default=0)
    return len(shared) > max(1, best) and 2 * len(shared) >= len(set(about))


def _is_cued(about: list[str], text: str, cues: re.Pattern[str], *, denies: bool) -> bool:
    """Tell whether *text* has one of the *cues* near any of these words, or none of the words.

    A denial is about the words beside it, a hedge about all that follows.
    """
    near: set[str] = set()
    for cue in cues.finditer(text):
        before, after = (_stems(part) for part in (text[: cue.start()], text[cue.start() :]))
        near.update(before[-_REACH:], after[: 2 * _REACH] if denies else after)
        # "Unclear" denies what "clear" says.
        near.update(_stems(cue[0].lower().removeprefix("un")))
    return not near.isdisjoint(about) or _content(text).isdisjoint(about)


def _content(text: str) -> set[str]:
    return set(_stems(text))


def _stems(text: str) -> list[str]:
    return [stem(word) for word in words(text) if word not in SMALL]
