"""Which line of CODEOWNERS speaks for a path, in both dialects."""

from __future__ import annotations

import time

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ownership.domain.codeowners import GITHUB, GITLAB, owners_of, parse

# (pattern, path, does it match): the same in both dialects.
PATTERNS = [
    ("*", "a", True), ("*", "a/b/c.sql", True), ("*.sql", "a.sql", True), ("*.sql", "x/y/a.sql", True),
    ("*.sql", "a.sqlx", False), ("*.SQL", "a.sql", False), ("a.sql", "a.sql", True), ("a.sql", "x/a.sql", True),
    ("a.sql", "xa.sql", False), ("/a.sql", "a.sql", True), ("/a.sql", "x/a.sql", False), ("docs", "docs", True),
    ("docs", "docs/x/y.md", True), ("docs", "x/docs/y.md", True), ("docs/", "docs/x.md", True),
    ("docs/", "docs/x/y.md", True), ("docs/", "docs", False), ("docs/", "x/docs/y.md", True),
    ("/docs/", "docs/x.md", True), ("/docs/", "x/docs/y.md", False), ("docs/*", "docs/x.md", True),
    ("docs/*", "docs/x/y.md", False), ("docs/*", "x/docs/y.md", False), ("docs/**", "docs/x/y.md", True),
    ("docs/**", "docs/x.md", True), ("**/docs", "a/b/docs", True), ("**/docs", "docs", True),
    ("**/docs", "a/docs/x.md", True), ("a/**/z", "a/z", True), ("a/**/z", "a/b/c/z", True), ("a/**/z", "b/a/z", False),
    ("a/*/z", "a/b/z", True), ("a/*/z", "a/b/c/z", False), ("/models/*.sql", "models/a.sql", True),
    ("/models/*.sql", "models/x/a.sql", False), ("models/a.sql", "models/a.sql", True),
    ("models/a.sql", "x/models/a.sql", False), ("a?c", "abc", True), ("a?c", "a/c", False),
    ("a+b.sql", "a+b.sql", True),
    ("a.b", "axb", False), ("/a/b", "a/b/c/d", True), (r"my\ file.sql", "my file.sql", True),
    (r"/my\ dir/", "my dir/a.sql", True), ("file(1).sql", "file(1).sql", True), ("*.d/", "x.d/a", True),
    ("a*", "abc/def", True), ("/a*", "x/abc", False), ("**", "a/b", True), ("/", "a/b", True),
    ("/**/x.sql", "a/b/x.sql", True), ("/**/x.sql", "x.sql", True), ("x/**/*.sql", "x/a/b.sql", True),
    ("x/**/*.sql", "x/b.sql", True), ("x/**/*.sql", "y/b.sql", False), (".github/", ".github/a.yml", True),
    ("a/b/", "a/b/c", True), ("a/b/", "a/bc", False), ("ü.sql", "x/ü.sql", True), ("A", "a", False),
]  # fmt: skip


@pytest.mark.parametrize("dialect", [GITHUB, GITLAB])
@pytest.mark.parametrize(("pattern", "path", "matches"), PATTERNS)
def test_a_pattern_matches_like_gitignore(dialect: str, pattern: str, path: str, *, matches: bool) -> None:
    found = owners_of(parse([f"{pattern} @owner"], dialect), path)
    assert (found is not None) == matches


SECTIONS = """
* @everybody
[Data] @data
/models/
/models/raw/ @raw
!/models/raw/secret.sql
^[Docs][2] @docs
*.md
[data]
/seeds/
[Roles]
/x/ @@developer
""".splitlines()


@pytest.mark.parametrize(
    ("path", "owners"),
    [
        ("a.sql", ["@everybody"]),
        ("models/a.sql", ["@everybody", "@data"]),
        ("models/raw/a.sql", ["@everybody", "@raw"]),
        ("models/raw/secret.sql", ["@everybody"]),
        ("models/a.md", ["@everybody", "@data", "@docs"]),
        ("seeds/a.csv", ["@everybody"]),
        ("x/a.sql", ["@everybody"]),
    ],
)
def test_each_section_of_gitlab_has_its_word(path: str, owners: list[str]) -> None:
    found = owners_of(parse(SECTIONS), path)
    assert found is not None
    assert list(found.owners) == owners


@pytest.mark.parametrize(
    ("lines", "path", "owners"),
    [
        (["* @a", "/x/ @b"], "x/y", ["@b"]),
        (["/x/ @b", "* @a"], "x/y", ["@a"]),
        (["* @a", "/x/"], "x/y", []),
        (["* @a @b a@example.com"], "x", ["@a", "@b", "a@example.com"]),
        (["* @a # why", "# /x/ @b"], "x/y", ["@a"]),
        (["", "   ", "* @a"], "x", ["@a"]),
    ],
)
def test_the_last_line_of_github_wins_and_may_say_nobody(lines: list[str], path: str, owners: list[str]) -> None:
    found = owners_of(parse(lines), path)
    assert found is not None
    assert list(found.owners) == owners


def test_no_line_is_no_word() -> None:
    assert owners_of(parse(["/x/ @a"]), "y/z") is None


def test_what_github_does_not_know_is_a_fault_with_its_line() -> None:
    found = parse(["* @a", "!/x @b", "[a-z].sql @c"], GITHUB)
    assert ([fault.line for fault in found.faults], len(found.rules)) == ([2, 3], 1)


def test_a_header_makes_the_file_gitlabs() -> None:
    assert (parse(["[A]", "* @a"]).dialect, parse(["* @a"]).dialect) == (GITLAB, GITHUB)


def naive(pattern: str, path: str) -> bool:
    """What a pattern with a slash within says, tried in every way: `**` is any folders, a star any letters of one."""

    def folders(wanted: list[str], given_: list[str]) -> bool:
        if not wanted:
            return True  # what matches is the file or the folder above it
        if wanted[0] == "**" and len(wanted) == 1:
            return bool(given_)
        if wanted[0] == "**":
            return any(folders(wanted[1:], given_[n:]) for n in range(len(given_) + 1))
        return bool(given_) and letters(wanted[0], given_[0]) and folders(wanted[1:], given_[1:])

    def letters(wanted: str, given_: str) -> bool:
        if not wanted or not given_:
            return not given_ and not wanted.strip("*")
        if wanted[0] == "*":
            return letters(wanted[1:], given_) or letters(wanted, given_[1:])
        return wanted[0] in ("?", given_[0]) and letters(wanted[1:], given_[1:])

    return folders(pattern.split("/"), path.split("/"))


SEGMENTS = st.one_of(st.just("**"), st.text("ab*?", min_size=1, max_size=5).filter(lambda text: "**" not in text))
NAMES = st.text("ab", min_size=1, max_size=5)


@given(st.lists(SEGMENTS, min_size=2, max_size=5), st.lists(NAMES, min_size=1, max_size=5))
def test_no_way_to_match_is_missed(segments: list[str], names: list[str]) -> None:
    assume(segments[-1] != "*")  # which GitHub reads as one level only
    pattern, path = "/".join(segments), "/".join(names)
    found = owners_of(parse([f"/{pattern} @owner"], "github"), path)
    assert (found is not None) == naive(pattern, path)


@pytest.mark.parametrize("pattern", ["*a" * 60 + "b", "/".join(["**", "*a*a"] * 40) + "/b", "?*" * 90 + "b"])
def test_a_pattern_of_stars_costs_no_more_than_its_length(pattern: str) -> None:
    path = "/".join(["a" * 60] * 40)
    started = time.process_time()
    assert owners_of(parse([f"{pattern} @owner"], "github"), path) is None
    assert time.process_time() - started < 1  # a naive expression needs longer than the universe is old
