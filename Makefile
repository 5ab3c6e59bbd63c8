# Short names for commands.
PYTHON ?= python3
WORKERS ?= 3
CUSTOMERS ?= 10000
BENCH ?=
BIN := .venv/bin
DEBIAN_PYTHON ?= /usr/bin/python3.11

unexport PYTHONDONTWRITEBYTECODE  # the tests start many processes: each would compile all of Tuza again

.PHONY: run storefront test test-debian lint audit replay bench screens

run: .venv/installed
	$(BIN)/flask --app wsgi up

storefront:  # the demo shop's online store at http://localhost:5050; PORT=5051 API=http://localhost:5001 for others
	$(PYTHON) examples/storefront/serve.py $(if $(PORT),--port $(PORT)) $(if $(API),--api $(API))

test: lint
	$(BIN)/pytest -n $(WORKERS) --dist worksteal  # three on two cores: browser tests mostly wait

test-debian: .venv/installed-test  # backups on Debian 12's own Python 3.11, with the packages of .venv
	PYTHONPATH=.venv/lib/python3.11/site-packages $(DEBIAN_PYTHON) -m pytest tests/backups

lint: .venv/installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/djlint templates --profile=jinja --indent 2 --max-line-length 120 --check --lint --quiet

audit: .venv/installed-test  # known vulnerabilities of the packages; reports when the database cannot be reached
	$(BIN)/python scripts/audit.py

replay: .venv/installed-replay
	$(BIN)/python -m bench.replay

bench: .venv/installed-bench  # needs wrk; CUSTOMERS=1000000 BENCH="--engine both --server granian --write" for more
	$(BIN)/python -m bench.start
	$(BIN)/python -m bench.load --customers $(CUSTOMERS) $(BENCH)

screens: .venv/installed-test
	$(BIN)/python scripts/screens.py

.venv/bin/pip:
	@$(PYTHON) scripts/check_python.py
	$(PYTHON) -m venv .venv

# Installed again only when the pins change: each stamp is newer than setup.cfg.
.venv/installed: setup.cfg setup.py pyproject.toml | .venv/bin/pip
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	touch $@

.venv/installed-test: setup.cfg setup.py pyproject.toml | .venv/bin/pip
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test]'
	touch .venv/installed $@

.venv/installed-replay: setup.cfg setup.py pyproject.toml | .venv/bin/pip
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[replay]'
	touch .venv/installed $@

.venv/installed-bench: setup.cfg setup.py pyproject.toml | .venv/bin/pip
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[bench]'
	touch .venv/installed $@
