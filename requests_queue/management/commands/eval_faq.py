"""`manage.py eval_faq DIR`: how good the suggestions are on sets of questions (docs/answers.md has the form)."""

from __future__ import annotations

import json
from argparse import ArgumentTypeError
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError

from requests_queue.domain.evaluation import (
    BadSet,
    Figures,
    QuestionSet,
    figures_of,
    first_by_digest,
    read_set,
    with_aliases,
    without_some,
)
from requests_queue.queries.embedding import why_lexical
from requests_queue.services.evaluating import ask_all, load_set, throw_away_tables

if TYPE_CHECKING:
    from argparse import ArgumentParser

FILES = ("corpus.jsonl", "queries.jsonl")


class Command(BaseCommand):
    """Nothing of the installation is read or changed; the tables are temporary."""

    help = "Recall, reciprocal rank, bands and times of the suggestions on each set of a folder."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("dir", help="a set, or a folder of sets")
        parser.add_argument("--max-queries", type=_count, default=1500, help="the first by md5 of the id; 0 = all")
        parser.add_argument("--asset", choices=["boost", "none"], default="none", help="whether the form knows it")
        parser.add_argument("--lexical", action="store_true", help="by words alone")
        parser.add_argument(
            "--aliases", type=_count, default=None, metavar="K", help="K wordings a group become aliases"
        )
        parser.add_argument("--abstain", action="store_true", help="remove some answers and judge the bands")
        parser.add_argument("--json", action="store_true", help="one object a line")

    def handle(self, *_: Any, **options: Any) -> None:
        reason = "" if options["lexical"] else why_lexical()
        if reason:
            self.stderr.write(f"By words alone: {reason}")
        for path in _sets(Path(options["dir"])):
            figures = _measure(path, options, is_semantic=not options["lexical"] and not reason)
            self.stdout.write(_line(path.name, figures, options))


def _count(text: str) -> int:
    """A number of queries or wordings: not negative."""
    if not text.isdecimal():
        message = f"{text} is not a number from 0 on"
        raise ArgumentTypeError(message)
    return int(text)


def _sets(folder: Path) -> list[Path]:
    places = (folder, *sorted(folder.iterdir())) if folder.is_dir() else ()
    found = [path for path in places if all((path / name).is_file() for name in FILES)]
    if not found:
        message = f"{folder} holds no set: two files {FILES[0]} and {FILES[1]}, in it or in its folders."
        raise CommandError(message)
    return found


def _measure(path: Path, options: dict[str, Any], *, is_semantic: bool) -> Figures:
    given = _read(path)
    if options["aliases"] is not None:
        given = with_aliases(given, options["aliases"])
    if options["abstain"]:
        given = without_some(given)
    queries = first_by_digest(given.queries, options["max_queries"])
    with throw_away_tables():
        loaded = load_set(given, is_semantic=is_semantic)
        boost = options["asset"] == "boost"
        results = list(ask_all(queries, loaded, is_semantic=is_semantic, with_asset=boost))
    return figures_of(results, with_bands=options["abstain"])


def _read(path: Path) -> QuestionSet:
    # A byte that is no UTF-8 reaches the reader as a mark it refuses, with the number of its line.
    with ExitStack() as files:
        corpus, queries = (
            files.enter_context((path / name).open(encoding="utf-8-sig", errors="surrogateescape")) for name in FILES
        )
        try:
            return read_set(corpus, queries)
        except BadSet as fault:
            message = f"{path.name}/{fault}"
            raise CommandError(message) from None


def _line(name: str, figures: Figures, options: dict[str, Any]) -> str:
    if options["json"]:
        kept = {key: options[key] for key in ("asset", "lexical", "aliases", "abstain")}
        return json.dumps({"set": name, **kept, **asdict(figures)})
    bands = "".join(
        f"\n{'':16}{band:7} precision {of['precision']:.3f}  coverage {of['coverage']:.3f}  false {of['false']:.3f}"
        for band, of in figures.bands.items()
    )
    return (
        f"{name:16}n {figures.n:5}  recall@1 {figures.recall_1:.3f}  @5 {figures.recall_5:.3f}  "
        f"@10 {figures.recall_10:.3f}  MRR@10 {figures.mrr_10:.3f}  "
        f"p50 {figures.p50_ms:.0f} ms  p95 {figures.p95_ms:.0f} ms  (SQL p95 {figures.sql_p95_ms:.0f} ms){bands}"
    )
