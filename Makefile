# Two commands on a fresh machine: `make demo` and `make test`. Each sets up what it needs.

SHELL := bash
.SHELLFLAGS := -o pipefail -ec
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
DEVELOP := $(VENV)/.develop
# One line a package, so that a slow network is seen to move.
BRIEFLY := awk '/^(Collecting|Installing|Building)/ {print "  " $$1, $$2; fflush()}'
INSTALL := $(BIN)/python -m pip install --disable-pip-version-check -c constraints.txt

.PHONY: setup demo test lint format clean help

help:
	@echo "make demo    read the sample receipts on the local server, without credentials"
	@echo "make test    set up and run all tests"
	@echo "make lint    ruff, mypy, import contracts"
	@echo "make format  ruff format and fixes"

setup: $(DEVELOP)

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "prefect-gemini needs Python 3.11 or newer; set PYTHON=python3.11")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing into $(VENV) (a few minutes the first time)…"
	@$(INSTALL) -e . | $(BRIEFLY)
	@touch $@

$(DEVELOP): $(READY)
	@echo "Installing what the tests and checks need…"
	@$(INSTALL) -e '.[dev]' | $(BRIEFLY)
	@touch $@

demo: $(READY)
	@$(BIN)/prefect-gemini demo

test: setup
	$(BIN)/python -m pytest -q -n 2 --dist loadgroup

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/mypy

format: setup
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf $(VENV) build dist out src/*.egg-info
