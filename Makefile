# One command for each thing, the same locally and in CI. `make` lists them.

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.SUFFIXES:
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
PORT ?= 8000
unexport MAKEFLAGS

# The environment is made anew when a pin, the Python or the folder's place changes.
STAMP := .venv/made-for-$(shell { cat requirements.txt pyproject.toml; $(PYTHON) -V || :; pwd; } 2>&1 | cksum | cut -d' ' -f1)

.PHONY: help
help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## /\1 /p' Makefile | while read -r name what; do printf '  make %-6s %s\n' "$$name" "$$what"; done

.PHONY: site
site: $(STAMP) ## check every page, then build the site into site/
	@exec ci/gate site

.PHONY: serve
serve: $(STAMP) ## live preview on localhost:8000 (PORT=… for another)
	@exec ci/gate serve 'localhost:$(PORT)'

.PHONY: quick
quick: $(STAMP) ## lint, types, fast tests, check every page
	@exec ci/gate quick

.PHONY: test
test: $(STAMP) ## everything that CI wants; ends with a clean work tree
	@exec ci/gate test

.PHONY: bench
bench: $(STAMP) ## measure the speed, write docs/benchmarks.md
	@exec ci/bench

.PHONY: soak
soak: $(STAMP) ## long runs, such as the sandbox without each of its options
	@exec ci/soak

.PHONY: mutate
mutate: $(STAMP) ## plant faults in valid configurations, write docs/checks/mutations.md
	@PYTHONPATH=plugins exec .venv/bin/python tests/mutate_configs.py

.PHONY: tools
tools: $(STAMP) ## fetch the toolchains and build every judge (minutes)
	@exec .venv/bin/assay tools

.PHONY: clean
clean: ## remove what the other targets made in this folder
	@rm -rf .cache .venv site build dist .mypy_cache .pytest_cache .ruff_cache
	@find ci plugins tests -name __pycache__ -type d -prune -exec rm -rf {} +

$(STAMP):
	@exec ci/environment '$(PYTHON)' '$@'
