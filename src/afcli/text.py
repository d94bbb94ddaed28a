"""Words in the facts and in queries, folded and stemmed; and text that is safe to show.

Only this module imports PyStemmer (Snowball).
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

WORD = re.compile(r"[^\W_]+(?:['.-][^\W_]+)*")
"""A word of a folded text; compounds whole."""
PIECE = re.compile(r"\w+")
"""A part of a word between hyphens, points and apostrophes."""
_BREVE = "\N{COMBINING BREVE}"
_UNSAFE = ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")


SMALL = frozenset(
    """
    a about after all also an and any anybody anyone anything are as at be been being but by can could did
    do does doing else ever everybody everyone everything for from get gets had has have having he her him
    his how i if in into is it its itself just let many may me might more most much must my no nor not of
    on one only or other our over own s shall she should so some somebody someone something such than that
    the their them themselves then there these they this those through to too under until up upon us very
    was we were what whats when where whether which while who whom whos whose why will with would you your
    а без бы был была были было быть в во где для до его ее если есть еще и из или их к как какая какие какой
    какое ко когда кто куда ли мы на над не но о об откуда от по под после почему при с со сколько так такая такие
    такое такой там то у уже чей чем что это я
    """.split()
)
"""English and Russian words that carry no meaning in a query."""

IRREGULAR = dict(
    pair.split(":")
    for pair in """
    arose:arise ate:eat authorities:authorit authority:authorit became:become began:begin begun:begin bought:buy broke:break broken:break
    brought:bring built:build came:come caught:catch children:child chose:choose chosen:choose died:die
    dying:die done:do drawn:draw drew:draw driven:drive drove:drive fallen:fall fed:feed feet:foot
    fell:fall felt:feel fled:flee flew:fly flown:fly fought:fight gave:give given:give gone:go got:get
    grew:grow grown:grow heard:hear held:hold hid:hide hidden:hide kept:keep killed:kill knew:know
    known:know laid:lay led:lead lost:lose lying:lie made:make meant:mean men:man met:meet paid:pay
    people:person ran:run risen:rise rose:rise said:say sat:sit sold:sell sent:send seen:see saw:see
    shook:shake shot:shoot shown:show sought:seek spent:spend spoke:speak spoken:speak stole:steal
    stolen:steal stood:stand struck:strike taken:take taught:teach thought:think threw:throw thrown:throw
    told:tell took:take went:go wives:wife woke:wake women:woman won:win written:write wrote:write
    """.split()
)
"""Common English forms whose stem differs from their word's."""

AMERICAN = dict(
    pair.split(":")
    for pair in """
    airplan:aeroplan aluminum:aluminium analog:analogu analyz:analys armor:armour behavior:behaviour
    caliber:calibr candor:candour catalog:catalogu center:centr centimet:centimetr clamor:clamour
    color:colour counselor:counsellor cozi:cosi defens:defenc dialog:dialogu endeavor:endeavour favor:favour
    favorit:favourit fiber:fibr flavor:flavour glamor:glamour gray:grey harbor:harbour honor:honour
    humor:humour jewelri:jewelleri judgment:judgement kilomet:kilometr labor:labour licens:licenc
    liter:litr maneuv:manoeuvr meter:metr millimet:millimetr mom:mum mustach:moustach neighbor:neighbour
    neighborhood:neighbourhood odor:odour pajama:pyjama paralyz:paralys parlor:parlour
    plow:plough practiz:practic program:programm rigor:rigour rumor:rumour
    saber:sabr savior:saviour skeptic:sceptic somber:sombr specter:spectr splendor:splendour
    sulfur:sulphur theater:theatr tumor:tumour valor:valour vapor:vapour vigor:vigour
    """.split()
)
"""American stems whose British spelling has another."""

_BRITISH = tuple(f"is{ending}" for ending in "e ed er ers es ing ation ations".split())


def fold(text: str) -> str:
    """Return *text* in lower case, without diacritics, compatibility forms or odd spaces.

    Unicode: NFKD, case folding, nonspacing marks removed (https://unicode.org/reports/tr15/).
    The Cyrillic short i is kept, since it distinguishes Russian endings.
    """
    if text.isascii():
        return " ".join(text.casefold().split())
    import unicodedata

    bare: list[str] = []
    for char in unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold()):
        if char == _BREVE and bare[-1:] == ["и"]:
            bare[-1] = "й"
        elif unicodedata.category(char) != "Mn":
            bare.append(char)
    return " ".join("".join(bare).replace("’", "'").replace("‘", "'").split())


@lru_cache(maxsize=4_096)
def words(text: str) -> tuple[str, ...]:
    """Return the folded words of *text* in order, compounds whole, without possessive endings."""
    return tuple(word.removesuffix("'s") for word in WORD.findall(fold(text)))


def pieces(text: str) -> tuple[str, ...]:
    """Return the folded words of *text* in order, each part of a compound separately."""
    return tuple(PIECE.findall(fold(text)))


def parts(word: str) -> list[str]:
    """Return the parts of a compound; for any other word, none."""
    if word.isalnum():
        return []
    found = [part for part in re.split(r"[-.’']", word) if part]
    return found if len(found) > 1 else []


def is_cyrillic(word: str) -> bool:
    """Tell whether *word* has Cyrillic letters."""
    return not word.isascii() and any("Ѐ" <= char <= "ӿ" for char in word)


@lru_cache
def _stemmer(language: str) -> Any:
    import Stemmer

    return Stemmer.Stemmer(language)


def stemmer_version() -> str:
    """Return the version of the stemmer: another may give other stems."""
    import Stemmer

    return str(Stemmer.version())


@lru_cache(maxsize=100_000)
def stem(word: str) -> str:
    """Return the stem of a folded *word*, English or Russian by its script (https://snowballstem.org)."""
    if is_cyrillic(word):
        return str(_stemmer("russian").stemWord(word))
    word = IRREGULAR.get(word, word)
    if word.endswith(_BRITISH):
        word = "iz".join(word.rsplit("is", 1))
    found = str(_stemmer("english").stemWord(word))
    return AMERICAN.get(found, found)


def stems(text: str) -> tuple[str, ...]:
    """Return the stem of each word of *text* in order."""
    return tuple(stem(word) for word in words(text))


def visible(text: str) -> str:
    """Return *text* with control, format and bidirectional characters written as escapes.

    People must see an escape sequence or an override, and the terminal must not obey it
    (https://trojansource.codes). Line breaks and tabs are kept.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        c.encode("unicode_escape").decode() if is_unsafe(c) and c not in "\n\t" else c for c in text
    )


def is_unsafe(char: str) -> bool:
    """Tell whether *char* is a control, format or bidirectional character, or not a character at all."""
    import unicodedata

    return unicodedata.category(char) in _UNSAFE


def one_line(text: str) -> str:
    """Return *text* with every run of white space as one space, so that one record stays one line."""
    return " ".join(text.split())
