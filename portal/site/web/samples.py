"""What the style guide shows. Names and numbers are invented."""

from __future__ import annotations

from typing import Any

from django import forms

from portal.core.web.presentation import (
    Avatar,
    Badge,
    Banner,
    Empty,
    Fact,
    Link,
    OwnerChip,
    Row,
    Step,
    Tab,
)

FACES = [
    Avatar("ML", 5, "Mara Lind"),
    Avatar("SO", 6, "Sam Okafor"),
    Avatar("TR", 2, "Tomás Reyes"),
    Avatar("AT", 7, "Aiko Tan"),
    Avatar("PN", 4, "Priya Nair"),
    Avatar("JW", 1, "Jonas Weber"),
    Avatar("EN", 3, "Elin Nord"),
]


DAYS = (
    "Wed 25", "Thu 26", "Fri 27", "Sat 28", "Sun 29", "Mon 30", "Tue 1 Dec", "Wed 2", "Thu 3", "Fri 4", "Sat 5",
    "Sun 6",
)  # fmt: skip


class SampleForm(forms.Form):
    """One field of each kind, one of them wrong."""

    question = forms.CharField(label="What do you need to know?", help_text="A sentence finds more than a word.")
    decision = forms.CharField(label="Which decision depends on this?", widget=forms.Textarea, required=False)
    needed_on = forms.DateField(label="By when?", widget=forms.DateInput(attrs={"type": "date"}), required=False)
    team = forms.ChoiceField(label="Team", choices=[("", "Any team"), ("data", "Data Platform")], required=False)
    kind = forms.ChoiceField(
        label="What is it?",
        widget=forms.RadioSelect,
        choices=[("question", "Question"), ("issue", "Something is wrong"), ("change", "New or changed data")],
    )
    private = forms.BooleanField(label="Only its members may see this request", required=False)

    def clean_question(self) -> str:
        text: str = self.cleaned_data["question"]
        if " " not in text:
            raise forms.ValidationError("One word is not enough to find an answer. Say what you want to know.")
        return text


def samples() -> dict[str, Any]:
    """The context of the page."""
    return _colours() | _small_parts() | _meters() | _ownership() | _lists() | _states()


def _colours() -> dict[str, Any]:
    def swatch(css: str, name: str, use: str) -> dict[str, str]:
        return {"css": css, "name": name, "use": use}

    return {
        "roles": [
            swatch("se", "SE", "software engineers: logging, exports"),
            swatch("de", "DE", "data engineers: pipelines, master data"),
            swatch("ae", "AE", "analytics engineers"),
            swatch("an", "Analyst", "metrics, dashboards, experiments"),
        ],
        "states": [
            swatch("ok", "Good", "on time, inside the band, met"),
            swatch("warn", "Soon", "due soon, needs a check, crossing"),
            swatch("bad", "Bad", "late, breached, gap, woken"),
            swatch("accent", "Accent", "links, focus, the one primary action"),
        ],
    }


def _small_parts() -> dict[str, Any]:
    return {
        "faces": FACES,
        "badges": [
            Badge("SE", "se"), Badge("DE", "de"), Badge("AE", "ae"), Badge("Analyst", "an"),
            Badge("Answered", "ok", "check"), Badge("Due soon", "warn", "clock-3"),
            Badge("Late 38 min", "bad", "triangle-alert"), Badge("Quick win", "info", "zap"), Badge("Planned"),
            Badge("Swap", "line", "repeat"), Badge("A chip is a link", "line", "flame", "#chip"),
        ],
        "owners": [
            OwnerChip("Data Platform", "de", "#team"), OwnerChip("Aiko Tan", "an"),
            OwnerChip("", url="#claim", is_nobody=True),
        ],
        "segment": [Tab("Draft", "#draft", is_current=True), Tab("Hire in Feb", "#hire")],
        "tabs": [Tab("Overview", "#overview", is_current=True), Tab("Lineage", "#lineage", count=23),
                 Tab("Changes", "#changes")],
        "steps": [
            Step("Pre-check ran", "412,008 of about 1.0 M rows", "02:31", "done"),
            Step("First reply", "Priya Nair is on the questions desk", "by today 12:15", "current"),
            Step("It joins the answers", "so that the next person does not have to ask"),
        ],
        "facts": [
            Fact("Promise", "by 02:30, on 99 % of days"), Fact("90 days", "97.8 % on time", "text-warn"),
            Fact("Waits for", "checkout_events", url="#asset"),
        ],
    }  # fmt: skip


def _meters() -> dict[str, Any]:
    def band(used: str, words: str, label: str, ask: str = "", *, over: bool = False) -> dict[str, Any]:
        return {"used": used, "ask": ask, "over": over, "words": words, "label": label}

    def bar(share: float, fill: str, words: str) -> dict[str, Any]:
        return {"share": share, "fill": fill, "words": words, "text": f"{share:.0%}"}

    return {
        "bands": [
            band("p21", "Below the band, 3.1 %: “Room for quick wins.”", "3.1 percent used, below the band of 5 to 10"),
            band("p41", "Inside, 6.2 %, with this request 7.4 %", "6.2 percent used, this would add 1.2 percent", "q8"),
            band("p80", "Over, 12 %: “2 % over. Lena approved 2.”", "12 percent used, 2 percent over", over=True),
        ],
        "bars": [
            bar(0.96, "", "Your shift"), bar(0.62, "ok", "Met in time"), bar(0.33, "warn", "Share of load"),
            bar(0.41, "bad", "Over the limit"),
        ],
        "nights": [
            {"icon": "moon-star", "title": "Held", "lead": "Nobody is woken before 06:30.",
             "line": "All 4 teams agreed. A ticket waits for the morning."},
            {"icon": "moon-star", "title": "Can wait", "lead": "It can wait until 06:30.",
             "line": "3 of 4 signed, so it paged.", "action": Link("Open", "#night")},
            {"icon": "siren", "title": "Needs you", "lead": "Fraud checks read it at 04:00.",
             "line": "They agreed to be woken too.", "end": "INC-87"},
        ],
    }  # fmt: skip


def _ownership() -> dict[str, Any]:
    def cell(stage: str, role: str, css: str, owner: str, **rest: Any) -> dict[str, Any]:
        return {"stage": stage, "role": role, "css": css, "owner": owner} | rest

    return {
        "ribbon": [
            cell("Logging", "SE", "is-se", "Checkout", face=FACES[5], line="Jonas Weber, backup Ida Holm"),
            cell("Pipeline", "DE", "is-de", "Data Platform", face=FACES[0], line="Mara Lind, backup Sam Okafor"),
            cell("Master data", "AE", "is-ae", "Analytics eng.", face=FACES[4], line="Priya Nair, no backup"),
            cell("Documentation", "Analyst", "is-an none", "", url="#claim"),
            cell("Metrics", "Analyst", "is-an crossed", "1 of 3", face=FACES[1], warn="Refund rate sits with DE"),
        ],
        "days": [{"name": day[:3], "number": day[4:], "weekend": day.startswith("S")} for day in DAYS],
    }


def _lists() -> dict[str, Any]:
    return {
        "rows": [
            Row("Refund rate by carrier", "#418", dot="ok", number="REQ-418", badges=[Badge("Answered", "ok", "check")],
                facts=["by Sam Okafor in 3 h 10 min"], action=Link("Did this help?", "#418")),
            Row("Active sellers per week", "#416", dot="warn", number="REQ-416",
                badges=[Badge("Quick win", "info", "zap")], side="5 h 48 min left", side_css="text-warn strong"),
            Row("Should net GMV exclude top-ups?", "#412", avatar=FACES[1], facts=["Sam asked you"]),
            Row("fct_refunds", "#asset", icon="database", owner=OwnerChip("", url="#claim", is_nobody=True)),
        ],
        "heads": [("Person", False), ("Nights", True), ("Pages", True)],
        "cells": [
            [("Mara Lind", False), ("34", True), ("31", True)],
            [("Sam Okafor", False), ("28", True), ("9", True)],
        ],
    }  # fmt: skip


def _states() -> dict[str, Any]:
    return {
        "empties": [
            Empty("No open requests", "Analysts ask from My day. The first one starts the clock.", "inbox",
                  Link("Ask the first question", "#ask")),
            Empty("Nothing matches “gmv refund delta”", "No answer yet. Ask it; the desk replies within 2 hours.",
                  "book-open-check", Link("Ask this question", "#ask")),
        ],
        "banners": [
            Banner("Costs, then the fix, then one button.", "6 pages in 4 months belong to another team.",
                   icon="shield-alert", action=Link("Propose handover", "#handover")),
            Banner("Could not save.", "The server did not answer. Your text is still here.", "bad",
                   action=Link("Retry", "#retry")),
            Banner("Last import 6 h ago.", "Lineage is of 04:12; the next import is due at 12:00.", "note", "clock-3"),
        ],
    }  # fmt: skip
