# `make` alone lists what can be done.
.DEFAULT_GOAL := help
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin

.PHONY: help
help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'

$(VENV)/base.stamp: requirements/base.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --require-hashes -r requirements/base.txt
	$(BIN)/pip install --quiet --require-hashes -r requirements/build.txt
	$(BIN)/pip install --quiet --no-deps --no-build-isolation -e . -e sdks/python
	touch $@

$(VENV)/dev.stamp: $(VENV)/base.stamp requirements/dev.txt
	$(BIN)/pip install --quiet --require-hashes -r requirements/dev.txt
	touch $@

$(VENV)/bench.stamp: $(VENV)/base.stamp requirements/bench.txt
	$(BIN)/pip install --quiet --require-hashes -r requirements/bench.txt
	touch $@

$(VENV)/published.stamp: $(VENV)/base.stamp requirements/published-sdk.txt
	rm -rf $(VENV)/published-sdk
	$(BIN)/pip install --quiet --require-hashes --target $(VENV)/published-sdk -r requirements/published-sdk.txt
	touch $@

$(VENV)/outside.stamp: $(VENV)/base.stamp requirements/outside.txt
	rm -rf $(VENV)/outside
	$(BIN)/pip install --quiet --require-hashes --no-deps --ignore-requires-python --target $(VENV)/outside -r requirements/outside.txt
	touch $@

JS := sdks/javascript
$(JS)/node_modules/dev.stamp: $(JS)/package.json $(JS)/package-lock.json
	cd $(JS) && npm ci --no-audit --no-fund --loglevel=error
	touch $@

$(JS)/dist/built.stamp: $(JS)/node_modules/dev.stamp $(wildcard $(JS)/src/*.ts) $(JS)/tools/build.mjs $(JS)/tsconfig.json
	cd $(JS) && npm run --silent build
	touch $@

contracts/node_modules/dev.stamp: contracts/package.json contracts/package-lock.json
	cd contracts && npm ci --no-audit --no-fund --loglevel=error
	touch $@

PROVIDER := tests/accounts/provider
$(PROVIDER)/node_modules/dev.stamp: $(PROVIDER)/package.json $(PROVIDER)/package-lock.json
	cd $(PROVIDER) && npm ci --no-audit --no-fund --loglevel=error
	touch $@

.PHONY: demo
demo: $(VENV)/base.stamp ## start the server with ticket #4821 among 50,000 events, and show the answer
	$(BIN)/immutable demo

.PHONY: serve
serve: $(VENV)/base.stamp ## start the server on immutable.db
	$(BIN)/immutable serve

.PHONY: check
check: $(VENV)/dev.stamp ## lint, formatting and strict types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/codespell
	@if command -v php >/dev/null; then find sdks/laravel -name '*.php' -print0 | xargs -0 -n 1 php -l >/dev/null; fi

.PHONY: fix
fix: $(VENV)/dev.stamp ## repair what lint and formatting can repair
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

.PHONY: test
test: $(VENV)/dev.stamp $(VENV)/published.stamp $(VENV)/outside.stamp $(JS)/dist/built.stamp contracts/node_modules/dev.stamp $(PROVIDER)/node_modules/dev.stamp check ## set up whatever is missing and run every test
	tools/test-tools
	$(BIN)/pytest -n 2
	phpunit -c sdks/laravel/phpunit.xml
	cd $(JS) && node --test --test-concurrency=2 tests/*.test.mjs

.PHONY: bench
bench: $(VENV)/bench.stamp ## measure against the usual kind of server; prints tables and ratios
	$(BIN)/immutable bench

.PHONY: lock
lock: ## refresh the lock files (needs uv)
	for part in base otel evm build dev bench published-sdk; do \
	  uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url \
	    --no-emit-find-links requirements/$$part.in -o requirements/$$part.txt; done
	uv pip compile --quiet --universal --no-deps --python-version 3.12 --generate-hashes --no-header --no-emit-index-url \
	  --no-emit-find-links requirements/outside.in -o requirements/outside.txt
