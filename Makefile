# Headwater's commands. Each needs nothing but Python 3.11 or newer; the first one run makes .venv.
SHELL := /bin/sh
PYTHON ?= python3
BIN := .venv/bin
LOCK = $(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-annotate --custom-compile-command "make lock" $(if $(UPGRADE),--upgrade)

# Also from any directory: make -C path/to/headwater up
# `make up` must run, or HEADWATER_* and DATABASE_URL name another installation.
.PHONY: up down reset backup restore-check test test-full chaos bench fmt lock docs install semantic

up: semantic ## start everything on this machine; ONLY=web,engine  EMPTY=1  PORT=8000  SEMANTIC=0
	@exec $(BIN)/python -m deploy.local.up

down: install ## stop what `make up` started
	@$(BIN)/python -m deploy.local.down

reset: install ## stop, and delete all data of this checkout; YES=1 does not ask
	@$(BIN)/python -m deploy.local.down --delete $(if $(YES),--yes)

backup: install ## the running workspace into a new folder; TO=.headwater/backups
	@$(BIN)/python manage.py backup --to $(or $(TO),.headwater/backups)

restore-check: install ## whether a backup is whole and fits this code; FROM=.headwater/backups/headwater-...
	@$(BIN)/python manage.py restore --check $(FROM)

test: semantic ## every check, then the tests; at most ten minutes on two cores
	@exec $(BIN)/python -m deploy.gate $(if $(ARGS),-- $(ARGS))

test-full: semantic ## the same with the slow tests, 2,000 examples a property and 20,000 calls a role
	@exec $(BIN)/python -m deploy.gate --full $(if $(ARGS),-- $(ARGS))

chaos: install ## the fault suite; LEG=F1  SEED=1  NIGHTLY=1
	@exec $(BIN)/python -m tests.chaos

bench: semantic ## the figures of bench/README.md; ITEM=a
	@$(BIN)/python -m pip install -q --disable-pip-version-check -r requirements-bench.txt
	@exec $(BIN)/python -m bench $(if $(ITEM),--item $(ITEM))

fmt: install ## format Python and templates
	@$(BIN)/ruff check -q --fix . ; $(BIN)/ruff format -q .
	@git ls-files -z 'templates/*.html' | xargs -0 $(BIN)/djade --target-version 5.2

lock: install ## pin what pyproject.toml names; UPGRADE=1 takes newer releases
	@$(LOCK) --group local --group test --group lint pyproject.toml -o requirements.txt
	@$(LOCK) -c requirements.txt pyproject.toml -o requirements-prod.txt
	@$(LOCK) -c requirements.txt --group bench -o requirements-bench.txt
	@$(LOCK) -c requirements.txt --group semantic -o requirements-semantic.txt
	@$(BIN)/python -m deploy.lock_notes

docs: install ## docs/settings.md and docs/openapi.json from the code
	@$(BIN)/python -m deploy.docs

install:
	@$(PYTHON) deploy/local/install.py

semantic:
	@$(PYTHON) deploy/local/install.py semantic
