"""Find the dates that a sentence gives in words or figures."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from afcli.dates import edtf_interval
from afcli.months import MONTH_NAMES, MONTHS

if TYPE_CHECKING:
    from collections.abc import Iterator

YEAR = r"(?:1[5-9]|20)\d\d"
"""Years written out in a text."""
MONTH = rf"(?:{'|'.join([*MONTH_NAMES, 'Sept', *(name[:3] for name in MONTH_NAMES)])})(?:\.|\b)"
_DAY = r"(?:[12]\d|3[01]|0?[1-9])(?:st|nd|rd|th)?"
_SEASONS = {"spring": 21, "summer": 22, "autumn": 23, "fall": 23, "winter": 24}
_MONTHS = MONTHS | _SEASONS
_DASH = r"\s?[–—-]\s?"
_OF = r"(?:,\s+|\s+(?:of\s+)?)"
_CENTURIES = {
    "fifteenth": 15, "sixteenth": 16, "seventeenth": 17, "eighteenth": 18, "nineteenth": 19, "twentieth": 20,
    "twenty-first": 21,
}  # fmt: skip
_FORMS = (
    rf"(?P<y>{YEAR}-(?:0\d|1[0-2])-\d\d)(?![\d-])",  # 2021-08-25
    rf"(?P<first>{YEAR})(?P<dash>{_DASH}|/)(?P<last>{YEAR}|\d\d)(?![\w-])",  # 1917-21, 2018/19; 2021-08
    rf"(?P<a>\d\d?)(?P<mark>[./])(?P<b>\d\d?)(?P=mark)(?P<y>{YEAR})\b",  # 25.8.2021, 8/25/2021
    # May 12–15, 1960
    rf"(?P<m>{MONTH})\s+(?P<d>{_DAY})(?:{_DASH}|\s+(?:to|and|until|through)\s+)(?P<until>{_DAY}),?\s+(?P<y>{YEAR})\b",
    rf"(?P<m>{MONTH})\s+(?P<d>{_DAY})(?:,?\s+(?P<y>{YEAR}))?\b(?![:/]\d)",  # August 25, 2021; August 25
    # 25 August 2021, 25th of August, August 2021, August
    rf"(?:(?P<d>{_DAY})\s+(?:of\s+)?)?(?P<m>{MONTH})(?:{_OF}(?P<y>{YEAR})\b)?",
    rf"(?P<m>(?i:{'|'.join(_SEASONS)})){_OF}(?P<y>{YEAR})(?:[–/-]\d\d)?\b",
    r"(?P<decade>(?:1[5-9]|20)\d)0s\b",
    rf"(?P<century>(?:1[5-9]|20|21)(?:th|st)|(?i:{'|'.join(_CENTURIES)})) century\b",
    rf"(?P<bare>{YEAR})(?!\w)",
    rf"(?P<d>{_DAY})(?={_DASH}{_DAY}\s|\s+(?:to|and|until|through)\s+(?:the\s+)?{_DAY}\s)",  # 12 to 15 May 1960
)
_FORM = re.compile(
    r"(?<![\w$€£¥])(?<![$€£¥] )(?<!\d[.,:/])(?:"
    # One expression may have each name once: the groups have the number of their form behind it.
    + "|".join(re.sub(r"(?<=\?P[<=])[a-z]+", rf"\g<0>_{n}", form) for n, form in enumerate(_FORMS))
    + r")(?![%°+]|[.,:/]\d)"
)
_JOIN = re.compile(
    rf"(?:{_DASH}|,?\s+(to|until|till|through|and|or)\s+)(?:the\s+)?(?:(?:early|mid|late)[\s-])?"
)
_COUNTED = re.compile(
    r"\s+(?:or (?:more|so) |[a-z-]+(?:al|ed|ent|ern|ic|ive|ous) )*"
    r"(?:(?!(?:was|is|has|this|as|sees|its|his|across|plus|unless|onwards|brings|marks)\b)[a-z-]+s"
    r"|people|men|women|children|[kcm]?m|[km]g|[kMG]?(?:B|Hz)|[KT]B|°C|feet|percent|per|of (?:the|them|these|those|its|his|her|their)"
    r"|million|billion)\b"
)
_QUANTITY = re.compile(
    r"\b(?:over|than|about|around|some|nearly|almost|least|most|approximately|roughly|only|exactly|up to|all)\s+$",
    re.IGNORECASE,
)
_TIME = re.compile(
    r"\b(?:in|of|since|by|until|till|from|to|during|before|after|between|and|year|years|early|mid|late|end|circa|c\.|"
    r"spring|summer|autumn|fall|winter|for|christmas|easter|ad|the|his|her|its|their|this|that|a|on|with|already|as)[\s(-]+$",
    re.IGNORECASE,
)
_NAMED = re.compile(
    r"(?:^|[^\w-])[^\W\d_a-z][\w&’'-]*\.?\s+$|(?i:\bno\.?|\bp\.|\bpp\.|\bpage|#)\s*$"
    r"|(?i:(?<!year)(?<!date)(?<!born)(?<!died)(?<!released)(?<!founded)): $"
)
"""What stands before a number that is a name's or a label's: Windows 2000, p. 1855, Dead: 1650."""
_PREFIXED = re.compile(r"(?<!mid)(?<!early)(?<!late)-$", re.IGNORECASE)


class WrittenDate(NamedTuple):
    """A date as a text gives it: in EDTF, and where its words begin and end."""

    edtf: str
    start: int
    end: int


class _Part(NamedTuple):
    """A date or a piece of one: "12 May" lacks its year, "12" its month too."""

    start: int
    end: int
    year: str = ""
    month: int = 0
    day: int = 0

    @property
    def edtf(self) -> str:
        month = f"-{self.month:02}" if self.month else ""
        return self.year + month + (f"-{self.day:02}" if self.day else "")


def find(text: str) -> Iterator[WrittenDate]:
    """Yield the dates with a year in *text*, in its order, each valid in EDTF level 1.

    Two dates joined by "to", a dash or "between … and" are one span, and take from each other what only one of
    them says: "between August and December of 1993" is `1993-08/1993-12`, "from 12 to 15 May 1960" is
    `1960-05-12/1960-05-15`. Joined by "and" or "or" they are two dates. "1917-21" is `1917/1921`; "2001-05", which
    may be a month or a span, is the span, which contains the month; "2021-08" can only be the month. "12/5/1999",
    which may be May or December, is `1999`. "since" and "after" leave the end open, "before" the beginning. What
    only looks like a year is none: "over 1500 packages", "$1999", "Windows 2000". A date without a year, or with a
    day that does not exist, is left out.
    """
    parts = list(_parts(text))
    while parts:
        part = parts.pop(0)
        join = _JOIN.fullmatch(text, part.end, parts[0].start) if parts else None
        if parts and join and (pair := _pair(part, parts[0])):
            lead = re.search(r"\b(between|from|on|the)\s+(?:the\s+)?$", text[: part.start], re.IGNORECASE)
            joint = join[1] if join[1] in ("and", "or") else ""
            lone = part.day and not part.month and not lead and join[1]
            if joint and not (lead and lead[1].lower() == "between"):
                if lone:
                    continue
                parts[0] = pair[1]
                yield from _valid(pair[0].edtf, part)
                continue
            parts.pop(0)
            both = _Part(part.start, pair[1].end)
            yield from _valid(f"{pair[0].edtf}/{pair[1].edtf}", both)
        elif part.year:
            yield from _valid(_open(part, text), part)


def dates(text: str) -> list[str]:
    """Return the dates with a year in *text* in EDTF, each once, in its order."""
    return list(dict.fromkeys(date.edtf for date in find(text)))


def is_edtf(text: str) -> bool:
    """Tell whether *text* is a date in EDTF, of days that exist."""
    try:
        edtf_interval(text)
    except ValueError:
        return False
    return True


def _valid(edtf: str, part: _Part) -> Iterator[WrittenDate]:
    if is_edtf(edtf):
        yield WrittenDate(edtf, part.start, part.end)


def _open(part: _Part, text: str) -> str:
    """Return the date of *part*, open to the side that the words around it say."""
    if "/" in part.year or "X" in part.year:
        return part.year
    before = re.search(
        r"\b(since|after|before|prior to)\s+(?:early |mid |late )?$", text[: part.start], re.IGNORECASE
    )
    if before:
        word = before[1].lower()
        return f"{part.edtf}/.." if word in ("since", "after") else f"../{part.edtf}"
    onward = re.match(
        rf"(?:{_DASH}|\s+to\s+(?:the\s+)?)(?:present|now|date)\b|\s+on(?:wards?)?\b(?!\s+(?:the|a)\b)",
        text[part.end :],
    )
    return f"{part.edtf}/.." if onward else part.edtf


def _pair(left: _Part, right: _Part) -> tuple[_Part, _Part] | None:
    """Return two dates that are joined, each with what the other says for both; None if they do not fit."""
    if any(mark in left.year + right.year for mark in "/X"):
        return None
    if left.year and right.year:
        return left, right
    if not (right.year and right.month) or left.year:
        return None
    if not left.month and (not left.day or not right.day):
        return None
    return left._replace(year=right.year, month=left.month or right.month), right


def _parts(text: str) -> Iterator[_Part]:
    for found in _FORM.finditer(text):
        says = {name.partition("_")[0]: words for name, words in found.groupdict().items() if words}
        start, end = found.span()
        if not {"bare", "first"}.isdisjoint(says) and _PREFIXED.search(text[:start]):
            continue
        if "bare" not in says or _is_year(text, start, end):
            yield from _read(found, says)


def _read(found: re.Match[str], says: dict[str, str]) -> Iterator[_Part]:
    """Yield what one match of a form says: mostly one date, two for days joined within a month."""
    start, end = found.span()
    year = says.get("y") or says.get("bare", "")
    month = _MONTHS.get(says.get("m", "").rstrip(".").lower(), 0)
    day = _ordinal(says.get("d", ""))
    if "last" in says:
        yield from _two_numbers(says["first"], says["dash"], says["last"], start, end)
    elif "a" in says:
        yield _numeric(int(says["a"]), int(says["b"]), says["mark"], year, start, end)
    elif "decade" in says:
        yield _Part(start, end, f"{says['decade']}X")
    elif "century" in says:
        century = _CENTURIES.get(says["century"].lower()) or _ordinal(says["century"])
        yield _Part(start, end, f"{century - 1}XX")
    elif "until" in says:
        form = str(found.lastgroup).partition("_")[2]
        yield _Part(start, found.end(f"d_{form}"), year, month, day)
        yield _Part(found.start(f"until_{form}"), end, year, month, _ordinal(says["until"]))
    else:
        yield _Part(start, end, year, month, day)


def _ordinal(day: str) -> int:
    return int(re.sub(r"\D", "", day) or 0)


def _two_numbers(first: str, dash: str, last: str, start: int, end: int) -> Iterator[_Part]:
    """Yield the span from *first* to *last*, or the month if that is what "2021-08" must mean."""
    until = first[: 4 - len(last)] + last
    if first < until:
        yield _Part(start, end, f"{first}/{until}")
    elif dash == "-" and "01" <= last <= "12":
        yield _Part(start, end, first, int(last))
    elif len(last) == 2:
        yield _Part(start, start + 4, first)


def _numeric(a: int, b: int, mark: str, year: str, start: int, end: int) -> _Part:
    """Return a date in figures: the day first with full stops, in either order with strokes."""
    if mark == "." or (a > 12 >= b):
        return _Part(start, end, year, b, a)
    if b > 12 >= a or a == b:
        return _Part(start, end, year, a, b)
    return _Part(start, end, year)


def _is_year(text: str, start: int, end: int) -> bool:
    """Tell whether a number that could be a year is one, judging by its neighbours."""
    before, after = text[max(start - 40, 0) : start], text[end : end + 60]
    if re.match(r"-(?!now|present)[^\W\d]", after) or (_QUANTITY.search(before) and _COUNTED.match(after)):
        return False
    if _TIME.search(before):
        round_number = text[end - 2 : end] == "00" and text[start:end] < "1950"
        loose = re.search(r"\b(?:of|to|from|by|for|with|and|as)\s+$", before, re.IGNORECASE)
        return not ((round_number or loose) and _COUNTED.match(after))
    return not (_NAMED.search(before) or _COUNTED.match(after))
