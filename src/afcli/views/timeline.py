"""Claims on a timeline: periods of a month, a year, or the span that a date gives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from afcli.model import Claim


class Period(NamedTuple):
    """The events of one stretch of time, as exact as their dates."""

    start: str | None
    """The first day; None if nothing says when it began."""
    end: str | None
    """The last day; None if it has not ended, or nothing says when."""
    label: str
    """`2021-08`, `2021`, `2008 – 2018`, `1979 →`, `← 2018`, `1979 → ?`; with ? or ~ as in EDTF."""
    precision: str
    """month, season, year or span."""
    claims: tuple[Claim, ...]

    @property
    def uncertain(self) -> bool:
        """Tell whether the date itself is in doubt, not only when it began or ended."""
        return "?" in self.label.removesuffix(" ?").removeprefix("? ") or "%" in self.label

    @property
    def approximate(self) -> bool:
        """Tell whether the date is only approximate."""
        return "~" in self.label or "%" in self.label

    def record(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "label": self.label,
            "start": self.start,
            "end": self.end,
            "precision": self.precision,
            "open": self.start is None or self.end is None,
            "uncertain": self.uncertain,
            "approximate": self.approximate,
            "claims": [claim.id for claim in self.claims],
        }


def by_date(claims: Iterable[Claim]) -> list[Claim]:
    """Return the dated *claims* in order of time, without those dated only by the time of writing."""
    dated = (claim for claim in claims if claim.date_basis != "writing")
    return sorted(dated, key=lambda claim: (claim.interval.start or "", claim.interval.end or "9999"))


def periods(dated: Iterable[Claim]) -> list[Period]:
    """Return the periods of *dated* claims, which are in order of time; likewise."""
    claims_of: dict[str, list[Claim]] = {}
    for claim in dated:
        claims_of.setdefault(_label(claim.date), []).append(claim)
    return sorted(
        (_period(label, claims) for label, claims in claims_of.items()),
        key=lambda period: (period.start or "", period.end or "9999", period.label),
    )


def _label(edtf: str) -> str:
    start, slash, end = edtf.partition("/")
    if not slash:
        # Days go with their month, as uncertain as they are.
        plain = edtf.rstrip("?~%")
        return plain[:7] + edtf[len(plain) :]
    # An unknown end is not the same as an open one.
    if end in ("", ".."):
        return f"{start} →" if end else f"{start} → ?"
    if start in ("", ".."):
        return f"← {end}" if start else f"? ← {end}"
    return f"{start} – {end}"


def _period(label: str, claims: list[Claim]) -> Period:
    starts = [claim.interval.start for claim in claims]
    ends = [claim.interval.end for claim in claims]
    plain = label.rstrip("?~%")
    precision = "span" if " " in label else "year" if len(plain) == 4 else "season"
    if len(plain) == 7 and plain[5:] <= "12":
        # Only some days of a month may be named.
        precision, starts = "month", [f"{plain}-01"]
    start = None if None in starts else min(filter(None, starts))
    end = None if None in ends else max(filter(None, ends))
    return Period(start, end, label, precision, tuple(claims))
