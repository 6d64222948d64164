"""The tour of README leads somewhere: each address exists, each file is in the repository."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.urls import resolve

from portal.accounts.domain.scopes import SCOPES

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
CURL = README.split("## The same with curl")[1].split("\n## ")[0]
PATHS = sorted(set(re.findall(r"\$H(/[^\s\"?`]*)", CURL)) | set(re.findall(r"`(/[a-z/]+/)`", CURL)))
FILES = sorted(set(re.findall(r"(?:@|import_file dbt )(\S+\.json)", CURL)))


def test_the_tour_has_lines_to_check() -> None:
    assert (len(PATHS), FILES) == (7, ["portal/site/demo/manifest.json"])


@pytest.mark.parametrize("path", PATHS)
def test_an_address_of_the_tour_resolves(path: str) -> None:
    assert callable(resolve(path).func)


@pytest.mark.parametrize("name", FILES)
def test_a_file_of_the_tour_is_in_the_repository(name: str) -> None:
    assert (ROOT / name).is_file()


def test_a_scope_of_the_tour_can_be_chosen() -> None:
    named = set(re.findall(r"`([a-z]+:[a-z]+)`", CURL))
    assert named
    assert named <= SCOPES


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\(([^)#:]+)\)", README))))
def test_a_link_of_readme_leads_to_a_file(link: str) -> None:
    assert (ROOT / link).exists()
