"""One planning round of the demo: wishes, points, what other teams owe, and questions that became a model."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class DemoWish:
    """A line of the next plan; `points` are (team, voter, points)."""

    sponsor: str
    title: str
    why: str
    days: float
    spread: float
    cost: int
    owner: str = ""
    source: str = "member"
    tiers: tuple[int, ...] = ()
    points: tuple[tuple[str, str, int], ...] = ()


PAST_WISHES = (
    DemoWish("elif", "One definition of an active account", "Two boards disagreed by 4 %.", 9, 2, 4, "maeve"),
    DemoWish("bea", "Profit by unit before the 5th business day", "The board asks sooner.", 14, 3, 5, "ines"),
    DemoWish("ruth", "Spark 3 for the engagement job", "It runs out of memory twice a month.", 11, 3, 3, "kofi"),
)
WISHES = (
    DemoWish("chidi", "Exposure table that the team owns", "Each test waits a day for it.", 15, 6, 4, "jonas",
             tiers=(2,), points=(("experimentation", "chidi", 7), ("product-analytics", "elif", 3))),
    DemoWish("elif", "One revenue retention for finance and product", "Finance has another figure.", 9, 2, 4, "maeve",
             points=(("product-analytics", "elif", 4), ("finance-reporting", "olaf", 6))),
    DemoWish("ruth", "Hand the retention job of clicks back to Web Client", "It is not ours.", 6, 1, 3,
             "ruth", source="boundary", points=(("finance-reporting", "olaf", 4),)),
    DemoWish("ruth", "Pre-checks for the noisiest pipelines", "Fewer pages at night.", 12, 2, 3, "kofi",
             source="precheck", points=(("investor-relations", "bea", 5),)),
    DemoWish("mireille", "Growth by region on the executive board", "Regions are guessed each month.", 18, 4, 2,
             points=(("executive-reporting", "mireille", 6),)),
)  # fmt: skip
# Four questions that ask for one thing, and four older ones whose model has shipped: (asker, words, days ago).
QUESTIONS = (
    ("noor", "How many sign-ups come back in their second month?", 27),
    ("tomasz", "Sign-ups that come back in the second month, by country", 19),
    ("bea", "Which sign-ups come back in their second month?", 11),
    ("chidi", "Second month come back rate of sign-ups in a test", 6),
)
MODEL = "Sign-up retention by month and country"
OLD_QUESTIONS = (
    ("noor", "Refunds by carrier in the last quarter", 88), ("olaf", "Refunds by carrier and month", 88),
    ("tomasz", "Refunds by carrier for Spain", 87), ("mireille", "Refunds by carrier, last quarter, as a table", 87),
    ("elif", "Refunds by carrier and week", 87), ("noor", "Refunds by carrier for Portugal", 88),
    ("olaf", "Refunds by carrier, one month alone", 88), ("mireille", "Refunds by carrier and product", 87),
    ("tomasz", "Refunds by carrier in a table for the board", 87),
)  # fmt: skip
OLD_MODEL = "Refunds by carrier as a table of our own"
SHIPPED_DAYS_AGO = 52
WORKED, OLD_WORKED = 240, 130  # minutes of answering each by hand
ANSWER = "Counted by hand this time; the query is kept with the request."
NEED = ("web-client", "Take over the retention job of clicks by the first of the quarter")
WHAT_IF = ("Inés away two weeks", "leave ines {first} {last}")
