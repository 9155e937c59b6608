# LabLive: `make demo` shows a session without hardware, `make test` proves it.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
OUT    ?= demo-out
NEEDS  := app
SCREEN := sh installers/with_screen.sh

.PHONY: packages setup demo run lint format test fuzz bench screenshots clean

# what of the system each target needs besides Python, told before anything is made
test bench: NEEDS := test

packages:
	@sh installers/system_packages.sh $(NEEDS)

setup: $(VENV)/.ready

$(VENV)/.ready: pyproject.toml constraints.txt | packages
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	|| { echo "LabLive needs Python 3.11 or newer: make PYTHON=python3.11" >&2; exit 1; }
	@test -x $(BIN)/pip || $(PYTHON) -m venv $(VENV)
	@echo "Installing Python packages into $(VENV)"
	@$(BIN)/pip install --quiet --disable-pip-version-check \
		--editable ".[test]" --constraint constraints.txt
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
	$(SCREEN) $(BIN)/python -m pytest

# ten million damaged bytes per parser; the tests feed one million
fuzz: setup
	LABLIVE_FUZZ_BYTES=10000000 $(BIN)/python -m pytest -q tests/drivers/test_fuzz_framing.py

bench: setup
	$(if $(DISPLAY)$(WAYLAND_DISPLAY),,$(SCREEN)) $(BIN)/python -m benchmarks

# the pictures of README and user guide, taken by the demo
PICTURES := first-start devices gate devices-health session-light verified replay
TAKEN := $(or $(TMPDIR),/tmp)/lablive-demo

screenshots: setup
	$(BIN)/lablive demo --headless --seconds 20 --out $(TAKEN)
	mkdir -p docs/pictures
	cp $(PICTURES:%=$(TAKEN)/screenshots/%.png) docs/pictures/
	$(SCREEN) $(BIN)/python tests/ui/people_scenes.py --guide docs/pictures/people.png

clean:
	rm -rf $(VENV) $(OUT) artifacts
