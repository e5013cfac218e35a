# PurSight. `make` alone lists what there is to do; `make up` is enough to look at it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.DEFAULT_GOAL := help
.PHONY: help setup up down serve worker sdl test test-kafka test-warehouses faults check fix lock bench bench-large bench-schedule eval-classify calibrate-classifier train-classifier eval-renames acceptance

help:  ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(STAMP)  ## Create .venv with exactly what requirements.lock names

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "PurSight needs Python 3.11 or newer, and $(PYTHON) is not. Try: make PYTHON=python3.11 $(MAKECMDGOALS)" >&2; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes requirements.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

up: setup  ## Start everything in the background and fill it with the demonstration
	$(BIN)/pursight up
	$(BIN)/pursight demo

down:  ## Stop what `up` started
	$(BIN)/pursight down

serve: setup  ## Run the API in the foreground
	$(BIN)/pursight serve

worker: setup  ## Run a worker in the foreground
	$(BIN)/pursight worker

sdl: setup  ## Print the GraphQL schema
	@$(BIN)/pursight export-schema

# Hundreds of processes are started: they are to find compiled what the first of them imported, whatever this machine prefers.
test: export PYTHONDONTWRITEBYTECODE =
test: setup  ## Run the tests against real servers, two files at a time
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

test-kafka: setup  ## Test Kafka with Apicurio as schema registry, 142 MB to fetch once
	PURSIGHT_TEST_REGISTRY=apicurio $(BIN)/python -m pytest tests/ingest/connectors/test_kafka.py

EXTRAS ?= .extras
test-warehouses: setup  ## Test the warehouses with their makers' drivers, put into the folder EXTRAS
	$(BIN)/uv pip install --quiet --python $(BIN)/python --target $(EXTRAS) --only-binary :all: \
	  $$($(BIN)/python -c 'import tomllib; found = tomllib.load(open("pyproject.toml", "rb"))["project"]["optional-dependencies"]; print(*sum(found.values(), []))')
	PYTHONPATH=$(EXTRAS) $(BIN)/python -m pytest tests/ingest/connectors/test_warehouses.py

faults: setup  ## Scan while workers, servers and sources fail; FAULTS=--quick is a part of it
	$(BIN)/python -m tests.faults $(FAULTS)

check: setup  ## Lint, types, formatting, layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

fix: setup  ## Correct and format what can be
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: setup  ## Turn requirements.in into requirements.lock; UPGRADE=1 takes the newest versions
	$(BIN)/uv pip compile --quiet --generate-hashes --no-emit-index-url --only-binary :all: --python-version 3.11 \
	  $(if $(UPGRADE),--upgrade) requirements.in -o requirements.lock

bench: setup  ## Measure, and compare with the targets
	$(BIN)/python -m pytest tests/benchmarks/bench_api.py tests/benchmarks/bench_ingest.py tests/benchmarks/bench_sql_lineage.py -s --timeout 900

LARGE ?= .large
PEER ?= $(ACCEPTANCE)/peer_graphql
bench-large: setup  ## Measure reading a million columns, in the folder LARGE, beside the peer in PEER
	$(BIN)/python tests/benchmarks/bench_large.py --folder $(LARGE) --peer $(PEER)

bench-schedule: setup  ## Compare adapted with fixed intervals over a year of synthetic change
	$(BIN)/python tests/benchmarks/adaptive_schedule.py

eval-classify: setup  ## Measure what the classification finds, and write docs/classification-evaluation.md
	$(BIN)/python tests/ml/classify/evaluation.py

CLONES ?=
.PHONY: eval-real-tables
eval-real-tables: setup  ## Measure the classification on public tables with their values, drawn from the clones in the folder CLONES
	$(BIN)/python tests/ml/classify/measuring.py $(CLONES) $(if $(PEERS),--peers $(PEERS))
	$(BIN)/python tests/ml/classify/evaluation.py

TRAINING ?= .extras-training
.PHONY: training-packages
training-packages: setup
	$(BIN)/uv pip install --quiet --python $(BIN)/python --target $(TRAINING) --no-deps \
	  $$($(BIN)/python -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["dependency-groups"]["training"])')

calibrate-classifier: training-packages  ## Fit what nearness of meanings and confidences stand for, with packages put into the folder TRAINING
	PYTHONPATH=$(TRAINING) $(BIN)/python tests/ml/classify/calibrating.py

train-classifier: training-packages  ## Train the second tier of the classification anew, with packages put into the folder TRAINING
	PYTHONPATH=$(TRAINING) $(BIN)/python tests/ml/classify/training.py

eval-renames: setup  ## Measure how well renamed columns are found
	$(BIN)/python tests/schema/rename_evaluation.py

ACCEPTANCE ?= ../shared/acceptance
acceptance: setup  ## Run the checks of outsiders, found in the folder ACCEPTANCE
	ACCEPTANCE=$(ACCEPTANCE) $(BIN)/python -m pytest tests/acceptance/check_outside.py -s --timeout 600
