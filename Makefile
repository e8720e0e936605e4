# Every target sets up what it needs, in a .venv of its own; run again, it only runs.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
TORCH := $(shell grep '^torch==' requirements.lock)
JOBS ?= 2

# One thread a process: the tests run side by side, and the same sums come out everywhere.
export OMP_NUM_THREADS := 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help install demo test check lint docs bench browser lock clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: $(INSTALLED) ## a .venv with everything in it, .venv/bin/smfl included (about 3 minutes, 3 GB)

# torch comes first, alone and by its exact version: asked for by a range, it would be the newest build, of gigabytes.
$(INSTALLED): requirements.lock pyproject.toml tools/system
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "smfl needs Python 3.11 or newer; say which: make install PYTHON=python3.11")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo 'installing $(TORCH) and what requirements.lock lists into $(VENV): about 3 minutes'
	$(BIN)/pip install --quiet --constraint requirements.lock $(TORCH)
	$(BIN)/pip install --quiet --no-deps --requirement requirements.lock
	$(BIN)/pip install --quiet --no-deps --no-build-isolation --editable .
	$(BIN)/pip check
	tools/system libraries $(BIN)/python
	@touch $@

demo: $(INSTALLED) ## the whole main job on what is built in, into smfl-demo/
	$(BIN)/smfl demo --out smfl-demo

test: $(INSTALLED) browser ## the tests, with the examples in docstrings and in the documentation
	$(BIN)/pytest -n $(JOBS)

lint: $(INSTALLED)
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports

check: lint test ## format, lint, types, rooms, then the tests: what has to pass

docs: $(INSTALLED) ## the documentation as a web site, in site/
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

bench: $(INSTALLED) ## the studies again: tables and figures of docs/benchmarks/
	$(BIN)/python -m bench

browser:
	@tools/system browser

# A clean environment, the ranges of pyproject.toml resolved anew, and what came of it written down.
lock: ## requirements.lock anew from pyproject.toml
	rm -rf $(VENV)-lock
	$(PYTHON) -m venv $(VENV)-lock
	$(VENV)-lock/bin/pip install --quiet $(TORCH)
	$(VENV)-lock/bin/pip install --quiet --editable '.[all,dev]'
	$(VENV)-lock/bin/pip check
	$(VENV)-lock/bin/python tools/lock.py > requirements.lock.new
	mv requirements.lock.new requirements.lock
	rm -rf $(VENV)-lock

clean: ## away with all that these targets made, but for the .venv
	rm -rf smfl-demo site build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
