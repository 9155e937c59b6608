# LabLive: `make demo` shows a session without hardware, `make test` proves it.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
OUT    ?= demo-out
NEEDS  := app
SCREEN := sh installers/with_screen.sh

.PHONY: packages setup demo run lint format test fuzz torture bench screenshots docs bundle clean

# what of the system each target needs besides Python, told before anything is made
test bench: NEEDS := test
bundle: NEEDS := bundle

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

# files side by side: much of a session's test is waiting for wires and windows
test: lint
	$(SCREEN) $(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile

# ten million damaged bytes per parser; the tests feed one million
fuzz: setup
	LABLIVE_FUZZ_BYTES=10000000 $(BIN)/python -m pytest -q tests/drivers/test_fuzz_framing.py

# kill -9, cut files, failing disks, for minutes to hours; writes docs/reliability.md
torture: setup
	$(BIN)/python -m tests.torture

bench: setup
	$(if $(DISPLAY)$(WAYLAND_DISPLAY),,$(SCREEN)) $(BIN)/python -m benchmarks

# the pictures of README and user guide, taken by the demo
PICTURES := first-start devices gate devices-health verified replay
TAKEN := $(or $(TMPDIR),/tmp)/lablive-demo

screenshots: setup
	$(BIN)/lablive demo --headless --seconds 20 --out $(TAKEN)
	mkdir -p docs/pictures
	cp $(PICTURES:%=$(TAKEN)/screenshots/%.png) docs/pictures/
	$(SCREEN) $(BIN)/python tests/ui/people_scenes.py --guide docs/pictures/people.png
	$(SCREEN) $(BIN)/python tests/ui/live_states.py --guide docs/pictures
	$(SCREEN) $(BIN)/python tests/ui/results_states.py --guide docs/pictures

# the documentation as a site, build/site/index.html; a dead link is an error
docs: setup
	$(BIN)/mkdocs build --strict --quiet --clean
	@echo "build/site/index.html"

# app, host, report and workers in one folder that needs no Python; tried as on a machine
# without Python and network. Then installers/debian/make_deb.sh makes a package of it.
BUNDLE_VENV := build/bundle-venv

bundle: | packages
	test -x $(BUNDLE_VENV)/bin/pip || $(PYTHON) -m venv $(BUNDLE_VENV)
	$(BUNDLE_VENV)/bin/pip install --quiet --disable-pip-version-check \
		--editable ".[bundle]" --constraint constraints.txt
	$(BUNDLE_VENV)/bin/pyinstaller --noconfirm --log-level ERROR \
		--distpath dist --workpath build/bundle installers/lablive.spec
	$(BUNDLE_VENV)/bin/python installers/licences.py dist/lablive
	$(BUNDLE_VENV)/bin/python installers/bundle_check.py dist/lablive
	sh installers/try_bundle.sh dist/lablive

clean:
	rm -rf $(VENV) $(OUT) artifacts build dist
