"""The words at the head of each requirements file; `make lock` puts them there after resolving."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[1]
NOTES = {
    "requirements.txt": """\
# All that `make up` and `make test` need. By name: Django, djangorestframework, celery, redis, pytest-django, and
# psycopg2 as psycopg2-binary, because a new machine has neither pg_config nor a compiler.
""",
    "requirements-prod.txt": "# What an operator installs: no servers, no test tools; the pins of requirements.txt.\n",
    "requirements-bench.txt": "# Peers and limits of `make bench`, beside requirements.txt.\n",
    "requirements-semantic.txt": """\
# Suggestions by meaning: the local model and what runs it; the portal answers by words without.
""",
}


def main() -> None:
    for name, note in NOTES.items():
        path = ROOT / name
        path.write_text(note + path.read_text(encoding="utf-8").removeprefix(note), encoding="utf-8")


if __name__ == "__main__":
    main()
