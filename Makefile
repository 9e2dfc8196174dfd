# Every target makes or renews .venv by itself; nothing else is installed on the machine.
.DEFAULT_GOAL := help
.PHONY: help setup demo test lint format screenshots bench lock clean env compose-test audit venv-demo venv-dev unlinted-test
BIN := .venv/bin

help: ## This list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1|\2/p' $(firstword $(MAKEFILE_LIST)) | awk -F'|' '{ printf "  make %-12s %s\n", $$1, $$2 }'

venv-demo:
	@deploy/local/venv.sh demo

venv-dev:
	@deploy/local/venv.sh dev

setup: venv-dev ## Only .venv with everything from the lock; the other targets do it by themselves

demo: venv-demo ## The whole system from nothing, then stays up; Ctrl-C stops it. ONCE=1: do the main job, check it, stop
	@$(BIN)/forloeb demo $(if $(ONCE),--once)

test: lint unlinted-test ## Lint and all tests that this machine can run; says what it could not. REQUIRE=browser,kafka: such a gap is a failure

# .ci/run lints beside the tests.
unlinted-test: venv-dev
	@REQUIRE="$(REQUIRE)" $(BIN)/python -m tests.run $(ONLY)

lint: venv-dev ## ruff, mypy, and the one-way imports
	@$(BIN)/ruff check --quiet . && $(BIN)/ruff format --check --quiet . || { echo "Try: .venv/bin/ruff check --fix . && make format" >&2; exit 1; }
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache --no-logo

format: venv-dev ## Write the code in the one format
	@$(BIN)/ruff format .

screenshots: venv-dev ## The pictures in docs/, drawn anew by the browser tests
	@SCREENSHOTS=docs $(BIN)/pytest -q tests/browser -k "lively_moment or slip_of_the_hand or status_page_shuts or acts_shut or pages_of_consultants_shut or pictures_of_all_mails"

bench: venv-dev ## All benchmarks, each against a baseline of the same run; ONLY=name takes one
	@$(BIN)/python tests/bench/run.py $(ONLY)

env: ## .env for docker-compose.yml, with secrets drawn at random (docs/installing.md); DEMO=1: with nothing left to fill in
	@deploy/compose/env.sh $(if $(DEMO),demo)

compose-test: venv-demo ## docker-compose.yml brought up whole, the demo's main job done on it, all taken down; REQUIRE=docker: without Docker it fails
	@REQUIRE="$(REQUIRE)" $(BIN)/python -m tests.compose.run

audit: ## Known weaknesses of what locks/run.txt names (asks the package index), and build/sbom.json, which lists it (CycloneDX)
	@deploy/audit.sh

lock: venv-dev ## The locks anew from pyproject.toml; UPGRADE=1 takes newer versions
	@UPGRADE=$(UPGRADE) locks/make.sh

clean: ## Remove what was built, and the data of the embedded stack; .venv too
	@if [ -x $(BIN)/forloeb ]; then $(BIN)/forloeb stack down; fi
	rm -rf build .forloeb .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache *.egg-info .venv
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +
