"""What kind of thing a question asks for: a time, an amount, or anything. A text without it is no answer."""

import itertools
import re
from collections.abc import Callable, Iterable, Sequence

from afcli.index.base import Base
from afcli.months import MONTHS
from afcli.text import words

BEHIND = 0.05
"""A claim that answers so much less than the best is as good."""

_BEFORE = frozenset("about and at but by for from in on since so to until".split())
_VERBS = frozenset("are can could did do does had has have is must shall should was were will would".split())
_MONTH = re.compile(r"\b(?:Mar|March|May)\b")
"""The months that are verbs too: with a capital."""
_TIMES = frozenset(MONTHS) - {"mar", "march", "may"} | frozenset(
    """
    autumn centuries century day days decade decades fall month months recently spring summer time today week weeks
    winter year years yesterday
    """.split()
)
_AMOUNTS = frozenset(
    """
    all almost billion both dozen dozens eight eleven equal equals few fewer fifty five forty four half hundred
    hundreds least little majority many million millions minority more most much nine no nobody none number numbers
    once one percent quarter second seven several six some ten third thirty thousand thousands three twelve twenty
    twice two
    большинства большинство восемь восьми все всего втрое вдвое два двадцати двадцать две двенадцати двенадцать двести двух
    девяти девять десятки десятков десяти десять миллиард миллиарда миллиардов миллион миллиона миллионов мало много многие
    многих нескольких несколько никого никто ничего один одна одно одного одной половина половины процент процента процентов
    пяти пятисот пятьсот пятьдесят пятидесяти пять семи семь сорок сорока сотен сотни ста сто трети треть трех три тридцати
    тридцать тысяч тысяча тысячи четверти четверть четыре четырех шести шесть
    """.split()
)


def foremost_tell(
    base: Base, asked: Sequence[str], able: Iterable[tuple[float, int]], whole: Callable[[int], bool]
) -> bool:
    """Tell whether one of the best of the claims that are *able* to answer tells what the words *asked* are after.

    They come with what they answer. One that has the *whole* of the words need not tell it: nobody else does.
    """
    kind = kind_asked(asked)
    if not kind:
        return any(able)
    best = sorted(able)
    foremost = [number for value, number in best if value >= best[-1][0] - BEHIND]
    claims = zip(foremost, base.claims(foremost), strict=True)
    return any(whole(number) or tells(kind, claim.text) for number, claim in claims)


def kind_asked(asked: Sequence[str]) -> str:
    """Return "time" or "amount" for the words of a question after one, else an empty string: then any text may answer."""
    match list(itertools.dropwhile(_BEFORE.__contains__, asked)):
        case ["how", "far" | "heavy" | "high" | "long" | "tall" | "wide", "is" | "are" | "was" | "were", *_]:
            return "amount"
        case ["how", "many" | "much", *_] | ["сколько", *_]:
            return "amount"
        case ["how", "long" | "old", *_] | ["what" | "which", "year" | "month" | "day" | "date", *_]:
            return "time"
        case ["when", verb, *_] if verb in _VERBS:
            return "time"
    return ""


def tells(kind: str, text: str) -> bool:
    """Tell whether *text* has a time or an amount, as *kind* says."""
    told = _TIMES | {word.lower() for word in _MONTH.findall(text)} if kind == "time" else _AMOUNTS
    return any(
        word in told or (word[0].isdigit() and (kind == "time" or not _is_year(word))) for word in words(text)
    )


def _is_year(word: str) -> bool:
    return len(word) == 4 and word.isdigit() and word.startswith(("1", "20"))
