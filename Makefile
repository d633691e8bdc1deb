# Every target sets up what it needs. Only Python 3.11+, git and make are expected.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
BENCH_READY := $(VENV)/.ready-bench
CODEX := 0.169.0
PEERS := .peers

.PHONY: run test test-faults test-peers bench bench-peers bench-edits bench-wire profile screenshot keys lint types
.PHONY: contracts check clean

run: $(READY) ## open the program on this repository with the offline engine
	@$(BIN)/spark-tui --offline .

test: $(READY) ## run the tests
	@$(BIN)/python -m pytest -q -n auto

test-faults: $(READY) ## kill the writer at every system call, and let each fail (needs strace)
	@$(BIN)/python -m pytest -q -m faults tests/faults

bench: $(BENCH_READY) ## measure the program from outside, against its floor (about 25 minutes)
	@$(BIN)/python -m bench --document

bench-peers: $(BENCH_READY) ## the same, with Codex CLI from npm beside it
	@if command -v npm >/dev/null && command -v node >/dev/null; then \
		npm install --silent --no-fund --no-audit --prefix $(VENV)/peers @openai/codex@$(CODEX); \
	else echo "Codex CLI is left out: it needs node and npm"; fi
	@$(BIN)/python -m bench --document --programs floor spark-tui codex

profile: $(BENCH_READY) ## write a flame graph of a streaming run to build/profile.svg
	@$(BIN)/python -m bench.profile

screenshot: $(READY) ## make docs/screenshot.svg anew, from the program itself
	@$(BIN)/python docs/screenshot.py docs/screenshot.svg

bench-wire: $(BENCH_READY) ## what an event and a turn cost on the wire, beside the official SDK
	@$(BIN)/python -m bench.wire

bench-edits: $(READY) ## what parsing, placing, rebasing and writing cost
	@$(BIN)/python bench/edits.py

test-peers: $(PEERS)/.ready ## meet the official SDK, Codex, aimock and llama.cpp (fetches them; needs npm, cmake)
	@$(PEERS)/python/bin/python -m pytest -q -rs -m peers tests/peers

keys: $(READY) ## write docs/keys.md from the bindings
	@$(BIN)/python -m spark_tui.app.ui.keys_page > docs/keys.md

lint: $(READY)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: $(READY)
	@$(BIN)/mypy

contracts: $(READY)
	@$(BIN)/lint-imports

check: lint types contracts ## what .ci/run checks before the tests

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "spark-tui needs Python 3.11 or later; say which: make PYTHON=python3.12 ..."; exit 1; }
	@$(PYTHON) -m venv $(VENV)
	@echo "setting up $(VENV) (once) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

$(BENCH_READY): $(READY)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[bench]'
	@touch $@

$(PEERS)/.ready: tests/peers/install tests/peers/package.json $(wildcard tests/peers/*.txt) pyproject.toml
	@PYTHON=$(PYTHON) tests/peers/install $(PEERS)
	@touch $@

clean: ## remove what the other targets made
	rm -rf $(VENV) $(PEERS) build *.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
