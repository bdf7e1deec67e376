PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed

.DEFAULT_GOAL := help
.PHONY: help install demo dev test lint format docs evaluate bench clean

help:  ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(INSTALLED)  ## Install the project and its tools into .venv

$(INSTALLED): pyproject.toml constraints.txt
	@echo "Installing into $(VENV) (once, about a minute) ..."
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.11")'
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev,bench,spark]'
	@touch $(INSTALLED)

demo: install  ## Run the whole journey on a generated loan file and show what it found
	@$(BIN)/profiling demo

dev: install  ## Start the Dagster UI, its daemon and the review app
	@$(BIN)/profiling dev

test: install  ## Run all tests
	@$(BIN)/python -m pytest

lint: install  ## Check style, types and layers
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: install  ## Format the code
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

docs: install  ## Write the pages that are made from the code
	@$(BIN)/python -m profiling_pipeline.rules.manual > docs/checks.md
	@$(BIN)/python -m profiling_pipeline.exchange.manual > docs/counterparts.md

evaluate: install  ## Score suggested rules on data sets with known errors (DATASETS=folder)
	@$(BIN)/python -m benchmarks.evaluation $(DATASETS)

bench: install  ## Measure fused execution against ten other ways (about an hour; see benchmarks)
	@$(BIN)/python -m benchmarks.run

clean:  ## Remove the environment, the embedded database and all generated data
	@test ! -x $(BIN)/profiling || $(BIN)/profiling db stop || true
	rm -rf $(VENV) .profiling benchmarks/data
