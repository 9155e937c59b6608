# LabLive: `make demo` shows a session without hardware, `make test` proves it.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
SCREEN := -screen 0 1920x1080x24
OUT    ?= demo-out

.PHONY: setup demo test lint format bench screenshots run clean

setup: $(VENV)/.ready

$(VENV)/.ready: pyproject.toml constraints.txt
	@sh installers/system_packages.sh
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade "pip>=24"
	$(BIN)/python -m pip install --quiet --editable ".[test]" --constraint constraints.txt
	@touch $@

demo: setup
	$(BIN)/lablive demo --out $(OUT)

run: setup
	$(BIN)/lablive

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright
	$(BIN)/lint-imports

format: setup
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

test: lint
	xvfb-run -a -s "$(SCREEN)" $(BIN)/python -m pytest

bench: setup
	$(BIN)/python -m benchmarks

screenshots: setup
	xvfb-run -a -s "$(SCREEN)" $(BIN)/python -m ui.screenshots --out docs/pictures

clean:
	rm -rf $(VENV) $(OUT) artifacts
