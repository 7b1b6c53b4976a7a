# Two commands matter: `make demo` (see it) and `make test` (prove it). All set themselves up.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready

.PHONY: demo test strangers quick check format measure simulate lock sbom clean help

help:  ## List these commands
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-9s %s\n", $$1, $$2}'

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "keyfob needs Python 3.11 or newer; $(PYTHON) is older. Name another one: make PYTHON=python3.12 ..." >&2; exit 2; }
	@$(PYTHON) -m venv $(VENV) || \
	  { echo "Python's venv module is missing. On Debian and Ubuntu: sudo apt-get install python3-venv" >&2; exit 2; }
	$(BIN)/python -m pip install --quiet --require-hashes --requirement constraints.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

demo: $(READY)  ## Tell the whole story in a terminal: provision, press, read, verify, power cut
	@$(BIN)/python -m keyfob demo

# A third of the tests' time is waiting for processes and lines: so half as many workers again as cores.
WORKERS := $(shell $(PYTHON) -c 'import os; print(max(2, (os.cpu_count() or 1) * 3 // 2))')

test: $(READY) peers check  ## Lint, types and all tests that need only packages and light tools
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal

strangers: $(READY)  ## The heavy programs we did not write, each in an environment of its own
	KEYFOB_STRANGERS=1 $(BIN)/python -m pytest tests/strangers

# The rooms that start no process: the model, the rulebooks' machine, the house rules.
QUICK := tests/test_house.py tests/firmware_model tests/host_tools/services

quick: $(READY)  ## The developer's minute
	$(BIN)/python -m pytest -n auto -q -m 'not slow' $(QUICK)

check: $(READY)  ## Lint, types, import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(READY)  ## Put the code into the house's form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

measure: $(READY)  ## Run the benchmarks (ratios against a floor and a peer)
	$(BIN)/python -m benchmarks

simulate: $(READY)  ## All cases of the long tests, and the long simulation; by hand
	KEYFOB_SIMULATE=1 $(BIN)/python -m pytest -n auto --dist worksteal -m slow
	$(BIN)/python -m tests.simulation

lock:  ## Pin every package that CI installs anew, with hashes, from pyproject.toml
	$(PYTHON) -m venv .tools && .tools/bin/python -m pip install --quiet uv
	printf 'hatchling\neditables\n' | .tools/bin/uv pip compile pyproject.toml - --extra dev --universal --python-version 3.11 \
	  --generate-hashes --no-header --no-annotate --upgrade --quiet --output-file constraints.txt

sbom:  ## Write the bill of materials of what a user installs: sbom.cdx.json (CycloneDX)
	$(PYTHON) -m venv .tools && .tools/bin/python -m pip install --quiet cyclonedx-bom
	$(PYTHON) -m venv --clear .tools/user && .tools/user/bin/python -m pip install --quiet .
	.tools/bin/cyclonedx-py environment .tools/user --pyproject pyproject.toml --output-format JSON --output-file sbom.cdx.json

# Programs we did not write, which the tests talk to where they can be had; without them those tests say so and skip.
.PHONY: peers
peers:
	@sh tests/peers.sh $(BIN)/python

clean:  ## Remove what the commands above made
	rm -rf $(VENV) .strangers .tools sbom.cdx.json .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis dist build
