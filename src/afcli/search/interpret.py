"""What the words of a query may mean: terms, names and dates, each with a closeness.

Each question to the base covers all words at once: which are known, what they begin, what is spelt or
sounds alike, whose names they are. So a base across a network answers as well.
"""

import itertools
import math
from collections.abc import Collection, Container, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from afcli.index.base import Base, Posting
from afcli.months import MONTHS
from afcli.names import capitals, entity_term, is_code
from afcli.text import SMALL, stem, words

UNKNOWN_NAME = 1.0
"""The weight of an unknown name or number, as a share of the heaviest weight."""
UNKNOWN_WORD = 0.8
"""The same for any other word."""
EVERYDAY = 0.1
"""The weight of the commonest words at large, as a share of their full weight."""
COMMONEST = 6.0
"""A word of this frequency at large (word_frequency.py) would have no weight, were it not for EVERYDAY."""
COMMON_RANGE = 2.0
"""A word whose frequency is lower by this much has its full weight."""
PART_OF_NAME = 0.65
"""How close a word comes to an entity when it is only part of its name."""
MEMBER = 0.5
"""How close a country comes to a region that it is part of."""
ASKED_MEMBER = 1.1
"""The same where the query asks which of them: then the region's name alone is no answer."""
SMALL_IN_NAME = 0.3
"""The weight of a small word as part of a name, as in "the West", as a share of its full weight."""
COUNTED = 0.5
"""Only fields with at least this weight count for how common a term is."""

OF_ALL = ("article", "статье", "статьи", "статья")
"""What every claim comes from tells none from another."""
WHICH = ("which", "what", "какая", "какие", "какой")
"""Before the name of a region they ask for its countries."""
COUNTRIES = "countries country nations republics state states государства стран страна страны".split()

_CONTRACTED = ("n't", "'re", "'ve", "'ll", "'d", "'m")
"""Endings that are small words run together."""


class Reading(NamedTuple):
    """One possible reading of some words of a query."""

    positions: tuple[int, ...]
    """The words of the query that it covers, counted from 0."""
    term: str
    closeness: float
    """From 0 to 1, or ASKED_MEMBER."""
    way: str
    """exact, stem, prefix, typo, transliteration, alias, member or date."""
    word: str = ""
    """The known word that matched the one in the query."""


class Interpretation(NamedTuple):
    """A query split into words, with their readings."""

    words: tuple[str, ...]
    readings: tuple[Reading, ...]
    weights: dict[int, float]
    """How much each word that counts asks for, by position: rare words ask for more."""
    unknown: tuple[int, ...]
    """The positions of the words that mean nothing here."""
    shares: dict[int, float]
    """The share of its full weight for each word that counts: common words at large have less."""
    names: frozenset[int]
    """The positions of the words that name something, known or not."""
    postings: Mapping[str, list[Posting]]
    """Of the terms of all readings."""


def interpret(query: str, base: Base) -> Interpretation:
    """Return what the words of *query* may mean."""
    asked = _words(query, base)
    content = {word: stem(word) for word in sorted(set(asked) - SMALL)}
    known = base.known(content)
    common = dict(known)
    if missing := content.keys() - known.keys():
        from afcli.word_frequency import frequency

        common |= {word: frequency(content[word]) if content[word].isalpha() else 0 for word in missing}
    candidates = _candidates(content, known, common, base)
    names = _without_codes(
        base.names_with({*map(stem, asked), *(term for found in candidates.values() for term in found)}),
        capitals(query),
    )
    readings: list[Reading] = []
    for position, word in enumerate(asked):
        readings += _readings_of_word(position, word, candidates.get(word, {}), names)
    named = list(_names(asked, names, base))
    readings += [*named, *_members(asked, named, base)]
    readings += _dates(asked)
    postings = base.postings({reading.term for reading in readings})
    found = tuple(reading for reading in readings if reading.term in postings)
    names_at = _name_positions(query, asked, common, found)
    weights, shares, unknown = _weights(asked, names_at, common, found, postings, base.record_count)
    return Interpretation(tuple(asked), found, weights, unknown, shares, names_at, postings)


Names = dict[str, dict[tuple[str, ...], list[str]]]
"""The names that contain each stem, as stems, each with the ids of its bearers."""


def _without_codes(
    names: Mapping[str, Mapping[tuple[str, ...], list[str]]], written: Collection[str]
) -> Names:
    """Return *names* without the codes that are not *written* in capitals."""
    return {
        word: {name: ids for name, ids in found.items() if word in written or not is_code(name, ids)}
        for word, found in names.items()
    }


def _words(query: str, base: Base) -> list[str]:
    """Return the words to interpret: known compounds whole, numbers and units apart."""
    written = [word for word in words(query) if not word.endswith(_CONTRACTED)]
    if all(map(str.isalpha, written)):
        return written
    from afcli.search.dates_and_compounds import parted

    return list(parted(written, base))


Candidates = dict[str, tuple[float, str, str]]
"""Terms that a word may stand for, each with its closeness, its way, and the known word that matched."""


def _candidates(
    content: Mapping[str, str], known: Container[str], common: Mapping[str, float], base: Base
) -> dict[str, Candidates]:
    """Return what each word may stand for: itself, what it begins, what it misspells or sounds like.

    *content* has the stem of each, *common* how common it is at large; *known* are those that the facts have.
    """
    unknown = {term for word, term in content.items() if word not in known}
    indexed = {*base.postings(unknown), *base.names_with(unknown)} if unknown else set()
    longer = base.beginning({word for word in content if len(word) > 2 and not word.isdigit()})
    found: dict[str, Candidates] = {word: {} for word in content}
    for word, term in content.items():
        terms = found[word]
        if word in known:
            terms[term] = (1.0, "exact", word)
        elif term in indexed:
            terms[term] = (0.97, "stem", word)
        close = 0.6 if terms else 0.8
        # Of words with one stem the shortest is the closest.
        for other, _ in sorted(longer.get(word, ()), key=lambda pair: (len(pair[0]), pair[0])):
            terms.setdefault(stem(other), (close + 0.15 * len(word) / len(other), "prefix", other))
    missed = [word for word in content if not found[word] and not word.isdigit()]
    if missed:
        from afcli.search.guesses import add_misspelt, add_sounding

        add_sounding(missed, found, base)
        # A dictionary word is not misspelt, only unknown here.
        add_misspelt([w for w in missed if not found[w] and not common[w]], found, base)
    return found


def _readings_of_word(position: int, word: str, terms: Candidates, names: Names) -> Iterator[Reading]:
    """Yield the terms that one word may stand for, and the entities that have these in their names."""
    partly: dict[str, Reading] = {}
    for term, (close, way, known) in terms.items():
        yield Reading((position,), term, close, way, known)
        if way == "prefix" and len(word) < 4:
            continue  # Three letters begin too many names.
        for id_ in (id_ for ids in names.get(term, {}).values() for id_ in ids):
            closeness = PART_OF_NAME * close
            if id_ not in partly or closeness > partly[id_].closeness:
                partly[id_] = Reading((position,), entity_term(id_), closeness, way, known)
    yield from partly.values()


def _names(asked: Sequence[str], names: Names, base: Base) -> Iterator[Reading]:
    """Yield each entity that has a name whose words all occur in the query, in any order."""
    position: dict[str, int] = {}
    for number, word in enumerate(asked):
        position.setdefault(stem(word), number)
    seen = set()
    for first in position:
        for name, ids in names.get(first, {}).items():
            if name in seen or not all(word in position for word in name):
                continue
            seen.add(name)
            where = tuple(dict.fromkeys(position[word] for word in name))
            whole = 1.0 if len(where) > 1 else 0.95
            # Russian stemming may merge two names: Кабулов has nothing to do with Кабул.
            written = " ".join(asked[number] for number in where)
            bearers = {e.id for e in base.bearers(written)}.intersection(ids) if len(ids) > 1 else ()
            for id_ in ids:
                close = whole if not bearers or id_ in bearers else PART_OF_NAME
                yield Reading(where, entity_term(id_), close, "alias")


def _members(asked: Sequence[str], named: Iterable[Reading], base: Base) -> Iterator[Reading]:
    """Yield the countries of each region that the words name in a row: what is said of one is said of a part."""
    regions = {
        m.term[1:]: m.positions for m in named if max(m.positions) - min(m.positions) < len(m.positions)
    }
    for region in filter(lambda entity: entity.members, base.entities(regions) if regions else ()):
        before = itertools.dropwhile(
            lambda word: word not in WHICH and (word in SMALL or word in COUNTRIES),
            reversed(asked[: min(regions[region.id])]),
        )
        close = ASKED_MEMBER if next(before, "") in WHICH else MEMBER
        for country in base.countries_in(region):
            yield Reading(regions[region.id], entity_term(country), close, "member")


def _dates(asked: Sequence[str]) -> Iterator[Reading]:
    """Yield the days, months and years in the words, in any of the usual forms."""
    if any(word in MONTHS or not word.isalpha() for word in asked):
        from afcli.search.dates_and_compounds import dates

        yield from (Reading(positions, term, 1.0, "date") for positions, term in dates(asked))


def _name_positions(
    query: str, asked: Sequence[str], common: Mapping[str, float], readings: Sequence[Reading]
) -> frozenset[int]:
    """Return the positions of the words that name something: known names, and words with a capital."""
    capital = {word for written in query.split() if written[:1].isupper() for word in words(written)}
    capital.discard(asked[0] if asked else "")
    known = {
        position
        for reading in readings
        if reading.term.startswith("@") and reading.closeness > PART_OF_NAME + 0.25
        for position in reading.positions
    }
    rare = {word for word, often in common.items() if not often and word.isalpha()}
    return frozenset(known.union(p for p, word in enumerate(asked) if word in capital or word in rare))


def _weights(
    asked: Sequence[str],
    names: frozenset[int],
    common: Mapping[str, float],
    readings: Sequence[Reading],
    postings: Mapping[str, list[Posting]],
    total: int,
) -> tuple[dict[int, float], dict[int, float], tuple[int, ...]]:
    """Return each word's weight, its share of the weight it would have if rare, and the positions of meaningless words.

    As in BM25 a word weighs the logarithm of its rarity among the *total* of records, and less if it is
    common at large. A word that occurs nowhere weighs most, above all a name or a number: it asks for
    something that the facts do not have.
    """
    of_word: dict[int, list[Reading]] = {}
    for reading in readings:
        for position in reading.positions if reading.way != "member" else ():
            of_word.setdefault(position, []).append(reading)
    counts = {term: sum(p.size for p in found if p.weight >= COUNTED) for term, found in postings.items()}
    heaviest = math.log(1 + 2 * total)
    weights: dict[int, float] = {}
    shares: dict[int, float] = {}
    unknown = []
    for position, word in enumerate(asked):
        mine = of_word.get(position, [])
        often = COMMONEST if word in OF_ALL else 0 if position in names else common.get(word, 0)
        share = min(1.0, max(EVERYDAY, (COMMONEST - often) / COMMON_RANGE))
        shares[position] = share
        if mine:
            best = max(m.closeness for m in mine)
            near = [m for m in mine if m.closeness > best - 0.1]
            # A city is rarer than the country that also bears its name.
            literal = [m for m in near if not m.term.startswith("@")]
            count = max(counts[m.term] for m in literal or near)
            rarity = math.log(1 + (total - count + 0.5) / (count + 0.5))
            if word not in SMALL or any(m.way == "alias" and m.positions == (position,) for m in mine):
                weights[position] = share * rarity
            elif any(len(m.positions) > 1 for m in mine):
                weights[position] = SMALL_IN_NAME * rarity
        elif word not in SMALL:
            unknown.append(position)
            weights[position] = heaviest * share * (UNKNOWN_WORD if often else UNKNOWN_NAME)
    return weights, shares, tuple(unknown)
