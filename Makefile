# Two commands on a fresh machine: `make demo` and `make test`. Both set up what they need first.

PYTHON ?= python3
BIN := .venv/bin

# The tests drive real windows: on a virtual X display of their own where there is one, offscreen otherwise.
VIRTUAL_DISPLAY = $(if $(shell command -v xvfb-run),env -u WAYLAND_DISPLAY QT_QPA_PLATFORM=xcb \
	xvfb-run --auto-servernum --server-args="-screen 0 1920x1080x24",env QT_QPA_PLATFORM=offscreen)

.DEFAULT_GOAL := help
.PHONY: help demo test setup lint format clean

help: ## Show this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 16

demo: ## Set up and run: camera 0, or the demo clip where there is no camera (ARGS="--help" for more)
	@$(PYTHON) -m scripts.set_up app
	@$(BIN)/python run_demo.py $(ARGS)

test: setup lint ## Set up, check the sources and run all tests
	$(VIRTUAL_DISPLAY) $(BIN)/python -m pytest --numprocesses auto --dist loadfile $(ARGS)

setup: ## Set up everything for development in .venv
	@$(PYTHON) -m scripts.set_up dev

lint: setup ## Check style, types and who imports whom
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

format: setup ## Format the sources and apply safe fixes
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean: ## Remove .venv and everything that the tools leave behind
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
