# Two commands do everything on a fresh machine: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
# A third of what the tests take they wait, for screens and processes: more workers than cores.
WORKERS ?= 4
# Some machines forbid Python to keep what it compiled; every process of the tests and of the demo would compile bunsui anew.
export PYTHONDONTWRITEBYTECODE :=
# pip asks rustc for its version; a rustup shim would answer by making a folder in the home.
export RUSTUP_HOME := $(CURDIR)/$(VENV)/rustup

.PHONY: demo test test-slow faults mutants aws check bench clean setup setup-dev format

setup: $(VENV)/.local
setup-dev: $(VENV)/.dev

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit("bunsui needs Python 3.11 or newer; run: make PYTHON=python3.12 ...") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.local: $(BIN)/python pyproject.toml constraints.txt
	@echo "setting up $(VENV) (once)"
	$(PIP) install --quiet --constraint constraints.txt --editable '.[local]'
	@touch $@

$(VENV)/.dev: $(VENV)/.local
	@echo "adding the developer tools (once)"
	$(PIP) install --quiet --constraint constraints.txt --editable '.[local,dev]'
	@touch $@

# The reference suite of JSONata lies in a source distribution of the library. Where no registry answers, its test is skipped by name.
$(VENV)/.reference: tests/cases/jsonata/suite.txt $(VENV)/.dev
	@$(PIP) download --quiet --retries 1 --no-deps --no-binary jsonata-python --dest $(VENV)/reference --requirement $< \
		&& touch $@ || echo "the reference suite of JSONata cannot be had now"

demo: setup
	@sh docs/demo.sh

test: setup-dev $(VENV)/.reference
	@$(BIN)/python -m tests.compile_once
	$(BIN)/python -m pytest -q -n $(WORKERS) -m "not slow"

test-slow: setup-dev
	$(BIN)/python -m pytest -q -n $(WORKERS) -m slow

# Everything that can go wrong, with the figures at the end. FAULTS=nightly leaves no point and no case out, and takes hours.
# DRAWS pipelines are held against what they mean, and counted by what was in them.
FAULTS ?= all
DRAWS ?= 10000
faults: setup-dev $(VENV)/.reference
	BUNSUI_FAULTS=$(FAULTS) $(BIN)/python -m pytest -q -n $(WORKERS) tests/faults tests/services/test_saved.py \
		tests/services/test_locking.py tests/services/test_retirement.py tests/unit/apply tests/contracts/test_simulated_account.py \
		tests/e2e/test_three_way_rows.py tests/e2e/test_walks_of_one_session.py tests/tui/test_hostile_text.py \
		tests/tui/test_random_keys.py \
		tests/unit/engine/test_regexes.py tests/services/test_swapped_paths.py \
		tests/unit/engine/jsonata/test_reference_suite.py
	$(BIN)/python -m benchmarks.meaning $(DRAWS)

# Whether the tests notice a change: a sample of mutations of the planning, applying, session and compiling code. SEED=2026-01-31 draws
# that day's again.
MUTANTS ?= 150
SEED ?=
mutants: setup-dev
	$(BIN)/python -m tests.mutation --mutants $(MUTANTS) $(if $(SEED),--seed $(SEED))

# Asks a real account what nobody could know without one, for less than a dollar, and removes everything again; nothing happens
# unless BUNSUI_AWS_ACCOUNT names the account of the credentials in use. `make aws SWEEP=1` only removes what a killed run left.
SWEEP ?=
aws: setup-dev
	$(BIN)/python -m tests.aws_account $(if $(SWEEP),--sweep)

check: setup-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/bunsui schema --check
	$(BIN)/bunsui fmt --check
	$(BIN)/bunsui validate
	$(BIN)/bunsui test

format: setup-dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: setup
	$(BIN)/python -m benchmarks.compile

clean:
	-@[ ! -x $(BIN)/bunsui ] || $(BIN)/bunsui local stop
	rm -rf $(VENV) .bunsui .demo build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
