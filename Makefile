# Two commands matter: make demo, make test. Each sets up everything it needs in .venv.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
DEMO_OUT ?= demo-out
# Quiet by default; tests use both cores of a small machine.
PYTEST_ARGS ?= -q -n 2

.PHONY: help setup demo test lint fmt types build wheel-test conformance bench docs reference samples surface clean

help:            ## List the targets.
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/ -/'

$(READY): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed; set PYTHON=python3.11") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --editable '.[sandbox,pretty,mcp]' --group test --group lint --group pack --group docs --group build
	@touch $(READY)

setup: $(READY)  ## Make .venv with everything.

demo: $(READY)   ## Run the main job on the sandbox: pictures, videos, music, speech, and a gallery.
	$(BIN)/ima-skills demo --out $(DEMO_OUT)

test: $(READY)   ## Run the whole test suite.
	$(BIN)/python -m pytest $(PYTEST_ARGS)

lint: $(READY)   ## Check style and formatting.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

fmt: $(READY)    ## Format the code.
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

types: $(READY)  ## Check types, strictly.
	$(BIN)/mypy

build: $(READY)  ## Build sdist and wheel, and check what the wheel holds.
	rm -rf dist
	$(BIN)/python -m build --outdir dist .
	$(BIN)/check-wheel-contents dist/*.whl

wheel-test: build  ## Run the suite against the installed wheel, with the sources out of reach.
	.ci/wheel-test dist/*.whl

conformance: $(READY)  ## Try our own command in every trial of conformance; it has to score 100 %.
	$(BIN)/ima-skills conformance run -- $(CURDIR)/$(BIN)/ima-skills create {prompt} --task-type {task_type} \
		--model {model} --params-json {params} -n {n} --input {input} --base-url {base_url} --download {out} --yes --json

bench: $(READY)  ## Print benchmark ratios.
	$(BIN)/python benchmarks/startup.py
	$(BIN)/python benchmarks/catalogue.py
	$(BIN)/python benchmarks/polling.py
	$(BIN)/python benchmarks/batch.py
	$(BIN)/python benchmarks/gallery.py

docs: $(READY)   ## Build the site of docs/ in site/; any warning is an error.
	$(BIN)/python -m tools.site
	$(BIN)/zensical build --strict --config-file mkdocs.yml

reference: $(READY)  ## Write the generated pages of docs/ anew: registry, outputs, error tables, layers.
	$(BIN)/python -m tools.reference

samples: $(READY)  ## Run the sample commands of docs/ and put their real output below them.
	$(BIN)/python -m tools.samples

surface: $(READY)  ## Write down what others build on; needs a new line under Unreleased in CHANGELOG.md.
	$(BIN)/python tests/project/surface.py --write

clean:           ## Remove everything that was made.
	rm -rf $(VENV) build dist site .cache $(DEMO_OUT) .mypy_cache .ruff_cache .pytest_cache .hypothesis
