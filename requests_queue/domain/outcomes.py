"""Did the model help? Two counts of questions and one exact test (spec budget 6.3)."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import comb

BASELINE_DAYS = 90
SETTLING_DAYS = 14
SIGNIFICANT = 0.05
FELL, NOT_SHOWN, TOO_EARLY = "fell", "not_shown", "too_early"


@dataclass(frozen=True)
class Asked:
    """How often something was asked in how many days."""

    count: int
    days: int


@dataclass(frozen=True)
class Verdict:
    """The word, the probability of so few by chance, the change of the daily rate (None without a baseline)."""

    word: str
    probability: float
    change: float | None
    minutes_saved: int


def judge(before: Asked, after: Asked, median_minutes: int) -> Verdict:
    """Given n questions in all, is `after` that low by chance? Binomial(n, share of the days after), exact.

    Minutes saved may be negative: then the questions grew. Without a day after the settling time it is too early.
    """
    saved = _saved(before, after, median_minutes)
    if after.days <= 0 or before.days <= 0:
        return Verdict(TOO_EARLY, 1.0, None, 0)
    chance = tail(before.count + after.count, after.count, Fraction(after.days, before.days + after.days))
    change = None
    if before.count:
        change = float(Fraction(after.count, after.days) / Fraction(before.count, before.days)) - 1
    return Verdict(FELL if chance < SIGNIFICANT else NOT_SHOWN, chance, change, saved)


def tail(n: int, most: int, share: Fraction) -> float:
    """P(X <= most) for X ~ Binomial(n, share), in exact fractions."""
    terms = (comb(n, k) * share**k * (1 - share) ** (n - k) for k in range(most + 1))
    return float(sum(terms, Fraction(0)))


def _saved(before: Asked, after: Asked, median_minutes: int) -> int:
    if after.days <= 0 or before.days <= 0:
        return 0
    rate = Fraction(before.count, before.days) - Fraction(after.count, after.days)
    return round(rate * after.days * median_minutes)
