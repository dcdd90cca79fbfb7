# Two commands: `make run` serves everything on this machine, `make test` proves it.
# The rest are longer or narrower runs of the same things.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# Whoever breaks what nobody may break is told so within a minute.
FIRST := tests/simulation/scenarios/test_operation_pairs.py tests/simulation/scenarios/test_regressions.py
# The paths whose words are checked already. Without a path the lint checks everything.
CLEAN := docs/glossary.md infra/language tests/infra/test_language.py
LOCKED := --quiet --universal --generate-hashes --no-header --python-version 3.11

.DEFAULT_GOAL := help
.PHONY: help setup run test lint lock advisories licenses package deploy destroy stack rehearse demo bench race reference simulate mutants fuzz description audit clean

help: ## Show the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

# The environment is made anew only when what is locked changes; nothing gets in whose hash is not there.
$(READY): requirements-dev.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo 'Lockstep needs Python 3.11 or newer: make PYTHON=/path/to/python3.11 ...'; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $(READY)

setup: $(READY) ## Make the virtual environment

run: $(READY) ## Serve on 127.0.0.1:8000 (PORT overrides) with an embedded engine
	@exec $(BIN)/python -m infra.local

test: lint $(READY) ## Lint, types, import arrows and the tests
	$(BIN)/python -m pytest -x $(FIRST)
	$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile $(FIRST:%=--ignore=%)

lint: $(READY) ## Lint, types, import arrows and words only
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m infra.language $(CLEAN)

lock: $(READY) ## Lock what is required, and all that needs in turn, by version and hash
	$(BIN)/uv pip compile $(LOCKED) requirements-dev.txt -o requirements-dev.lock
	$(BIN)/uv pip compile $(LOCKED) requirements.txt -c requirements-dev.lock -o requirements.lock

advisories: $(READY) ## Fail on known vulnerabilities in anything locked, and on what cannot be asked about
	$(BIN)/pip-audit --strict --require-hashes --disable-pip -r requirements-dev.lock

licenses: $(READY) ## Write docs/licenses.md anew
	@$(BIN)/pip-licenses --output-file docs/licenses.md

package: $(READY) ## Make a release in dist/: the zip of the functions and the template of the stack
	@$(BIN)/python -m infra.package

deploy: package ## Deploy it: STAGE=... with the settings in stages/$(STAGE).json
	@$(BIN)/python -m infra.deploy up $(or $(STAGE),$(error name a stage: make deploy STAGE=...))

destroy: $(READY) ## Take the stack of a STAGE=... away; its table is kept unless TABLE=delete
	@$(BIN)/python -m infra.deploy down $(or $(STAGE),$(error name a stage: make destroy STAGE=...)) --table $(or $(TABLE),keep)

stack: package ## Deploy it on this machine, through an emulated cloud with roles enforced, and serve it
	@exec $(BIN)/python -m infra.local_stack

rehearse: $(READY) ## The story, invites and the rights of roles on such a stack
	$(BIN)/python -m pytest --stack tests/contract/test_story.py tests/contract/test_invites.py tests/infra/test_rehearsal.py

demo: $(READY) ## Play the story of locked-in sessions against a fresh local run
	@$(BIN)/python -m infra.demo

bench: $(READY) ## Count request units, time the matcher, fill popular slots (a quarter of an hour)
	@$(BIN)/python -m bench.trace
	@echo
	@$(BIN)/python -m bench.matching
	@echo
	@$(BIN)/python -m bench.overhead
	@echo
	@$(BIN)/python -m bench.cold_start
	@echo
	@$(BIN)/python -m bench.scheduled_run
	@echo
	@$(BIN)/python -m bench.hot_slot

race: $(READY) ## The long campaign of races: every interleaving, then storms over HTTP on every engine there is
	$(BIN)/python -m pytest tests/races --campaign --timeout 3600
	@$(BIN)/python -m tests.races

reference: $(READY) ## Storage, locks and races on DynamoDB Local; needs Java and Maven
	@$(BIN)/python -m infra.dynamodb_local
	$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile --reference tests/storage tests/infra/in_memory_dynamodb/test_table.py tests/races tests/services/bookings/test_lock.py

simulate: $(READY) ## Ten minutes of schedules (SECONDS, SEED; REPLAY plays one again), then populations and the table in memory, at length
ifdef REPLAY
	@$(BIN)/python -m tests.simulation.campaign.runner --seed $(or $(SEED),1) --replay $(REPLAY)
else
	@$(BIN)/python -m tests.simulation.campaign.runner --seed $(or $(SEED),1) --seconds $(or $(SECONDS),600)
	$(BIN)/python -m pytest tests/services/bookings/test_availability.py tests/infra/in_memory_dynamodb/test_table.py --campaign --timeout 3600
endif

mutants: $(READY) ## Leave out every condition in turn, and make known mistakes again: all must be noticed
	@$(BIN)/python -m tests.simulation.mutants.mutation_tests

fuzz: $(READY) ## Send 20,000 drawn requests, and hold every answer against the description
	@$(BIN)/python -m tests.fuzz

description: $(READY) ## Write docs/openapi.json and its examples anew
	$(BIN)/python -m pytest tests/contract/test_description.py --record

audit: $(READY) ## Tell what is out of order in the table of the engine that LOCKSTEP_ENGINE names
	@$(BIN)/python -m infra.audit

clean: ## Remove the virtual environment and every cache
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .schemathesis .import_linter_cache .reference dist
