"""Fitting the logistic of the bands to what people said, beginning from the shipped coefficients (spec faq 6)."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from requests_queue.domain.matching import UPPER, sigmoid

if TYPE_CHECKING:
    from collections.abc import Sequence

    from requests_queue.domain.matching import Logistic

LEAST_LABELS = 50
PRIOR_WEIGHT = 30
# What one observation tells of a standardised coefficient at even odds: p (1 - p).
INFORMATION = 0.25
FOLDS = 5
STEPS = 50
CLOSE = 1e-9
LEAST_PRECISION = UPPER


@dataclass(frozen=True)
class Label:
    """The features of one ask, and whether its list held the answer."""

    features: tuple[float, ...]
    solved: bool


@dataclass(frozen=True)
class Fit:
    """A fit with its cross-validated precision; `is_kept` says whether it may replace the one in use."""

    model: Logistic
    labels: int
    precision: float | None
    before: float | None
    is_kept: bool
    note: str


def refit(prior: Logistic, in_use: Logistic, labels: Sequence[Label]) -> Fit:
    """Fit with `prior` worth 30 observations; kept when the five-fold precision at 0.8 does not fall.

    It must also be what it promises: of lists called 80 % likely, eight in ten are right. With fewer than 50 labels,
    or when no list reaches 0.8 any more, nothing is kept.
    """
    model = fitted(prior, labels)
    precision = cross_validated(prior, labels)
    before = precision_of([(in_use.probability(label.features), label.solved) for label in labels])
    note = _refusal(len(labels), precision, before)
    return Fit(model, len(labels), precision, before, not note, note)


def fitted(prior: Logistic, labels: Sequence[Label]) -> Logistic:
    """The most likely coefficients under a normal prior around the shipped ones; Newton's method, no randomness."""
    if not labels:
        return prior
    rows: Any = np.array([[1.0, *_standard(prior, label.features)] for label in labels])
    solved: Any = np.array([1.0 if label.solved else 0.0 for label in labels])
    start: Any = np.array([prior.intercept, *prior.weights])
    weights = start.copy()
    precision = PRIOR_WEIGHT * INFORMATION
    for _ in range(STEPS):
        p = np.array([sigmoid(float(z)) for z in rows @ weights])
        gradient = rows.T @ (solved - p) - precision * (weights - start)
        hessian = rows.T @ (rows * (p * (1 - p))[:, None]) + precision * np.eye(len(weights))
        step = np.linalg.solve(hessian, gradient)
        weights = weights + step
        if float(np.abs(step).max()) < CLOSE:
            break
    return replace(prior, intercept=float(weights[0]), weights=tuple(float(value) for value in weights[1:]))


def cross_validated(prior: Logistic, labels: Sequence[Label]) -> float | None:
    """Precision at 0.8 where each fifth is judged by a fit to the other four; None when no list reaches 0.8."""
    judged = []
    for fold in range(FOLDS):
        model = fitted(prior, [label for place, label in enumerate(labels) if place % FOLDS != fold])
        judged += [
            (model.probability(label.features), label.solved)
            for place, label in enumerate(labels)
            if place % FOLDS == fold
        ]
    return precision_of(judged)


def precision_of(judged: Sequence[tuple[float, bool]]) -> float | None:
    """The share that was right among those of p 0.8 and more."""
    sure = [solved for p, solved in judged if p >= UPPER]
    return sum(sure) / len(sure) if sure else None


def _refusal(labels: int, precision: float | None, before: float | None) -> str:
    if labels < LEAST_LABELS:
        return f"{labels} verdicts are too few; {LEAST_LABELS} are needed"
    if precision is None:
        return "no list would be called likely any more"
    if before is not None and precision < before:
        return f"precision would fall from {before:.2f} to {precision:.2f}"
    if precision < LEAST_PRECISION:
        return f"only {precision:.2f} of the likely lists were right"
    return ""


def _standard(prior: Logistic, features: Sequence[float]) -> list[float]:
    found = [(x - mean) / std for x, mean, std in zip(features, prior.means, prior.stds, strict=True)]
    return [x if math.isfinite(x) else 0.0 for x in found]
