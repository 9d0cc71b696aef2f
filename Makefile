# Bladeworks: `make help` says what there is.

.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
SHELL := /bin/sh
export PIP_DISABLE_PIP_VERSION_CHECK := 1

PY := .venv/bin/python
BASE := .venv/installed-base
DEV := .venv/installed-dev
STATIC := var/static.stamp
PYTEST := $(PY) -m pytest
# How many tests run at once, each with a database of its own.
WORKERS ?= 2

# ---------------------------------------------------------------------------------------------------- run

.PHONY: run
run: $(BASE) $(STATIC) ## Start the console on 127.0.0.1:8000 (PORT=… for another port)
	@exec $(PY) scripts/run.py

.PHONY: demo-reset
demo-reset: $(BASE) ## Delete every directory and operator, and make the demo anew
	@$(PY) scripts/run.py --reset

.PHONY: venv
venv: $(DEV) ## Make .venv with everything that running, checking and testing needs

$(BASE): requirements/base.txt
	@scripts/venv.sh requirements/base.txt
	@touch $@

$(DEV): requirements/dev.txt requirements/base.txt
	@scripts/venv.sh requirements/dev.txt
	@touch $@ $(BASE)

# Files of earlier versions stay: a console that still runs in this folder goes on serving them.
$(STATIC): $(BASE) console/settings.py blades/storage.py $(shell find static -print 2>/dev/null)
	@mkdir -p -m 700 var
	@echo "Collecting static files ..."
	@CONSOLE_MODE=local $(PY) manage.py collectstatic --no-input --verbosity 0
	@touch $@

# ---------------------------------------------------------------------------------------------------- check and test

.PHONY: test
test: $(DEV) ## Everything: static checks, all tests on SQLite and PostgreSQL, browser tests
	@scripts/test-tools.sh
	@$(MAKE) lint
	@echo "== Tests on SQLite"
	@$(PYTEST) --engine=sqlite -n $(WORKERS) --ignore=tests/browser
	@echo "== Tests on PostgreSQL"
	@$(PYTEST) --engine=postgresql -n $(WORKERS) --ignore=tests/browser
	@echo "== Tests in Chromium"
	@$(PYTEST) --engine=sqlite -n $(WORKERS) tests/browser

.PHONY: check
check: lint ## Static checks, and all tests but the browser's on SQLite
	@$(PYTEST) --engine=sqlite -n $(WORKERS) --ignore=tests/browser

.PHONY: lint
lint: $(DEV) ## Static checks alone
	@echo "== ruff" && $(PY) -m ruff check --quiet && $(PY) -m ruff format --check --quiet
	@echo "== djlint" && $(PY) -m djlint templates --lint --quiet
	@echo "== import order" && .venv/bin/lint-imports
	@echo "== migrations" && $(PY) manage.py makemigrations --check --dry-run
	@echo "== production settings" && scripts/check-deploy.sh
	@echo "== mypy" && $(PY) -m mypy

.PHONY: fmt
fmt: $(DEV) ## Format Python and sort imports
	@$(PY) -m ruff check --fix-only --quiet
	@$(PY) -m ruff format --quiet

# ---------------------------------------------------------------------------------------------------- measure and show

.PHONY: bench
bench: $(DEV) ## Measure pages as ratios to a bare view (BENCH=… passes arguments on)
	@scripts/test-tools.sh
	@$(PY) -m bench $(BENCH)

.PHONY: screenshots
screenshots: $(DEV) ## Shoot every blade, light and dark, into screenshots/
	@scripts/test-tools.sh
	@$(PY) -m tests.browser.screenshots $(SHOTS)

.PHONY: guide
guide: $(DEV) ## Write docs/blades.md with its pictures, and the tables of docs/automated-runs.md
	@scripts/test-tools.sh
	@$(PY) -m tests.docs $(GUIDE)

# ---------------------------------------------------------------------------------------------------- house-keeping

.PHONY: lock
lock: $(BASE) ## Bring the hashed requirements up to date with the *.in files (LOCK=--upgrade: newest versions)
	@$(PY) -m pip install --quiet --require-hashes -r requirements/lock.txt
	@scripts/lock.sh $(LOCK)

.PHONY: clean
clean: ## Remove what can be made again; data and secrets in var/ stay
	rm -rf .venv var/static var/static.stamp .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis test-results
	find . -name __pycache__ -not -path './.git/*' -prune -exec rm -rf {} +

.PHONY: help
help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
