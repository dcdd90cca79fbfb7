# `make run` serves the API on this machine. `make check` and `make test` check a change.
# The other targets are for releases, deployments, benchmarks and longer tests.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
LOCK := requirements/all.lock
UV := $(VENV)/.uv
# Each group of requirements includes the one before it.
RUN := $(VENV)/.run
RELEASE := $(VENV)/.release
TEST := $(VENV)/.test
CLIENTS := $(VENV)/.clients
VERIFY := $(VENV)/.verify
LOCKED := --quiet --universal --generate-hashes --no-header --python-version 3.11
PYTEST := $(BIN)/python -m pytest
# Four processes even on two cores, since each waits for its engine. In the order of collection no long file comes last.
PARALLEL := -n 4 --dist loadfile --no-loadscope-reorder
# The tests start hundreds of processes, which would compile all modules again without compiled files.
unexport PYTHONDONTWRITEBYTECODE
# Selects short and long tests.
EVERY := -m ''
# SHARE=4 runs every fourth long case of each test with many.
SOME := --share $(or $(SHARE),1)
# These tests fail within a minute if a rule of the product is broken.
FIRST := tests/simulation/scenarios/test_operation_pairs.py tests/simulation/scenarios/test_regressions.py

# Waits in real time for a room to open.
COMMUNITY := tests/infra/local_stack/test_community_story.py

.DEFAULT_GOAL := help
.PHONY: help setup run check test first runtime part verify lint style screens lock advisories licenses package release clients deploy destroy stack rehearse community demo bench race reference keycloak sign-in simulate mutants fuzz description audit clean

help: ## Show the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

# A changed lock creates the environment again. A package without a locked hash is refused.
$(UV): $(LOCK) requirements/uv.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo 'Lockstep needs Python 3.11 or newer: make PYTHON=/path/to/python3.11 ...'; exit 1; }
	@$(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.lock
	@touch $@

# Packages are compiled at installation, so that no process compiles them again.
COMPILED := --compile-bytecode
$(VENV)/.%: requirements/%.txt $(UV)
	@echo 'Installing the requirements of $<'
	@$(BIN)/uv pip install --quiet $(COMPILED) --python $(BIN)/python --require-hashes -r $< -c $(LOCK)
	@touch $@

setup: $(VERIFY) ## Install everything for development in .venv

run: $(RUN) ## Build the web app, serve it with the API on 127.0.0.1:8000 (PORT overrides), with an embedded engine
	@$(BIN)/python -m infra.web || echo 'The API is served without the web app.'
	@exec $(BIN)/python -m infra.local

check: lint ## Lint, types and the tests of the domain: half a minute, while you type
	$(PYTEST) tests/domain

# The lint of Python, that of the web app and the first tests have a process each, so they run at once.
test: $(TEST) ## Lint, types and the short tests: before each commit, four minutes on two cores
	@$(MAKE) --no-print-directory -j 3 lint first
	$(PYTEST) $(PARALLEL) $(FIRST:%=--ignore=%)

first: $(TEST)
	$(PYTEST) -x $(FIRST)

# One process compiles only what it imports, so the installation does not. About a minute of one core.
# A version manager such as pyenv may offer other versions only to a program that asks for one.
runtime: ## Test what meets the most libraries on Python 3.13, which runs the functions, where the machine has it
	@found=$$(PYENV_VERSION=3.13 python3.13 -c 'import sys; print(sys.executable)' 2>/dev/null) \
	  || { echo 'Python 3.13 is missing: its tests are skipped.'; exit 0; }; \
	$(MAKE) --no-print-directory part PYTHON="$$found" VENV=.venv-runtime COMPILED=

part: $(TEST)
	$(PYTEST) tests/channels tests/handlers/calendars tests/handlers/mails tests/handlers/http/resources

verify: $(VERIFY) ## The long tests; CI runs a share of their cases (SHARE=32)
	$(PYTEST) $(PARALLEL) -m long $(SOME)

lint: style screens ## Lint, types, import layers and words only

style: $(TEST)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m infra.language

screens: $(TEST)
	$(BIN)/python -m infra.web check

lock: $(UV) ## Lock every requirement and its dependencies by version and hash
	$(BIN)/uv pip compile $(LOCKED) requirements/verify.txt -o $(LOCK)
	$(BIN)/uv pip compile $(LOCKED) requirements/uv.txt -c $(LOCK) -o requirements/uv.lock
	$(BIN)/uv pip compile $(LOCKED) requirements.txt -c $(LOCK) -o requirements.lock

advisories: $(VERIFY) ## Fail on a locked package with a known vulnerability, or unknown to the database
	$(BIN)/pip-audit --strict --require-hashes --disable-pip -r $(LOCK)

licenses: $(VERIFY) ## Write docs/licenses.md and docs/web-licenses.md
	@$(BIN)/pip-licenses --output-file docs/licenses.md
	@$(BIN)/python -m infra.web licenses > docs/web-licenses.md

package: $(RELEASE) ## Write a release to dist/ with the functions, the web app and the template of the stack
	@$(BIN)/python -m infra.package

release: $(RELEASE) ## Write the files of the checked-out tag to dist/, with checksums (BUCKET and REGION for a launch link)
	@$(BIN)/python -m infra.publication $(if $(BUCKET),--bucket $(BUCKET) --region $(REGION))

clients: $(CLIENTS) ## Write the typed clients of a release, in TypeScript and Python, to dist/clients
	@$(BIN)/python -m infra.clients

deploy: package ## Deploy a release as STAGE=... with the settings in stages/$(STAGE).json
	@$(BIN)/python -m infra.deploy up $(or $(STAGE),$(error name a stage: make deploy STAGE=...))

destroy: $(RELEASE) ## Delete the stack of a STAGE=...; its table is kept unless TABLE=delete
	@$(BIN)/python -m infra.deploy down $(or $(STAGE),$(error name a stage: make destroy STAGE=...)) --table $(or $(TABLE),keep)

stack: $(RELEASE) ## Deploy a release on this machine, in an emulated AWS that enforces roles, and serve it
	@$(BIN)/python -m infra.package --this-machine
	@exec $(BIN)/python -m infra.local_stack

rehearse: $(TEST) ## Test the main scenario, invite links, the web app, the rights of roles and bad days on such a stack
	$(PYTEST) $(EVERY) --stack tests/contract/test_story.py tests/contract/test_invites.py tests/infra/local_stack tests/infra/game_days --ignore $(COMMUNITY)

community: $(TEST) ## Play a community on such a stack in browsers, from an empty account to its end; ten minutes, needs Chromium
	$(PYTEST) $(EVERY) --stack $(COMMUNITY)

demo: $(RUN) ## Show locked-in sessions in a new local run
	@$(BIN)/python -m infra.demo

bench: $(TEST) ## Run all benchmarks and write docs/performance.md, 90 minutes; QUICK=1 compares the exact figures, 3 minutes
	@$(BIN)/python -m bench.suite $(if $(QUICK),--quick)

race: $(TEST) ## Test races with every interleaving, then with workloads over HTTP on every available engine
	$(PYTEST) $(EVERY) tests/races --campaign --timeout 3600
	@$(BIN)/python -m tests.races

reference: $(TEST) ## Test storage, locks and races on DynamoDB Local (SHARE); needs Java and Maven
	@$(BIN)/python -m infra.dynamodb_local
	$(PYTEST) $(EVERY) $(PARALLEL) $(SOME) --reference tests/storage tests/infra/in_memory_dynamodb/test_table.py tests/races tests/services/bookings/test_lock.py

keycloak: $(TEST) ## Fetch Keycloak, with which make verify then tests the sign-in; needs Java and Maven
	@$(BIN)/python -m infra.keycloak

sign-in: keycloak ## Test the sign-in at the local provider, at a user pool and at Keycloak; needs Chromium, too
	$(PYTEST) $(EVERY) tests/browser/sign_in

simulate: $(TEST) ## Simulate schedules for ten minutes (SECONDS, SEED; REPLAY for one), then run the long property tests
ifdef REPLAY
	@$(BIN)/python -m tests.simulation.campaign.runner --seed $(or $(SEED),1) --replay $(REPLAY)
else
	@$(BIN)/python -m tests.simulation.campaign.runner --seed $(or $(SEED),1) --seconds $(or $(SECONDS),600)
	$(PYTEST) $(EVERY) tests/services/bookings/test_availability.py tests/infra/in_memory_dynamodb/test_table.py --campaign --timeout 3600
endif

mutants: $(TEST) ## Remove each condition and add each known bug; the simulator must find every mutant
	@$(BIN)/python -m tests.simulation.mutants.mutation_tests

fuzz: $(VERIFY) ## Send 20,000 generated requests (CASES) and check every response against the OpenAPI document
	@$(BIN)/python -m tests.fuzz $(CASES)

description: $(TEST) ## Write docs/openapi.json and its examples
	$(PYTEST) $(EVERY) tests/contract/test_description.py --record

audit: $(RUN) ## Print the violations in the table of the engine that LOCKSTEP_ENGINE names
	@$(BIN)/python -m infra.audit

clean: ## Remove the virtual environment and every cache
	rm -rf $(VENV) .venv-runtime .mypy_cache .ruff_cache .pytest_cache .hypothesis .schemathesis .import_linter_cache .reference .keycloak dist web/dist web/node_modules
