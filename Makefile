# `make lab` opens the course; `make test` runs every test; `make help` lists the rest.
# Needs Python 3 and a network, nothing else: uv is fetched into .uv and the packages into .venv, once.

SHELL   := /bin/sh
UV      := $(or $(shell command -v uv),.uv/bin/uv)
PYTHON  := .venv/bin/python
READY   := .venv/.ready
ROOT    := $(filter 0,$(shell id -u))
CHAPTER ?= 01_fundamentals

.PHONY: help lab test full lint notebooks exercises readme claims wheel requirements colab chromium clean

help:  ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "make %-13s %s\n", $$1, $$2}' Makefile

lab: $(READY)  ## open the course in JupyterLab (CHAPTER=02_maml opens another chapter)
	.venv/bin/jupyter lab --ServerApp.root_dir=. --LabApp.default_url=/lab/tree/chapters/$(CHAPTER).ipynb $(if $(ROOT),--allow-root)

test: $(READY) chromium  ## every test that fits into 20 minutes on two cores
	@$(PYTHON) tools/offline.py $(PYTHON) tools/run_tests.py

full: $(READY) chromium wheel  ## test, then what takes longer: every chapter in Chromium, slow proofs, claims, the Colab drill
	@$(PYTHON) tools/offline.py $(PYTHON) tools/run_tests.py --full
	$(PYTHON) -m pytest tests -m network
	$(MAKE) claims colab

lint: $(READY)  ## ruff over the library, the tools, the tests and the notebooks
	$(PYTHON) -m ruff check .

notebooks: $(READY)  ## chapters/ and solutions/ from their text in source/, executed (ONLY=01_fundamentals for one)
	$(PYTHON) tools/offline.py $(PYTHON) -m tools.notebooks $(ONLY)

readme: $(READY)  ## the README's picture and its badges
	$(PYTHON) -m tools.readme

exercises: $(READY)  ## exercises/ from the text of the solutions
	$(PYTHON) -m tools.exercises

claims: $(READY)  ## five seeds of every claim in the text
	$(PYTHON) -m metacourse.experiments.claims

wheel: $(READY)  ## the library as dist/*.whl
	rm -rf build dist
	$(UV) build --quiet --wheel --no-build-isolation --python $(PYTHON) --out-dir dist .

requirements: $(READY)  ## pin the newest versions that pyproject.toml admits
	$(PYTHON) -m tools.requirements --upgrade

colab: $(READY) wheel  ## the notebooks alone, with Colab's versions (downloads 5 GB)
	$(PYTHON) -m tools.colab

chromium:
	@command -v chromium >/dev/null || test -n "$$CHROMIUM" || test -z "$(ROOT)" || ! command -v apt-get >/dev/null \
	  || (apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium >/dev/null)

clean:  ## remove everything that can be made again
	rm -rf .venv .uv build dist artifacts .pytest_cache .ruff_cache lib/metacourse.egg-info

.uv/bin/uv:
	python3 -m venv .uv
	.uv/bin/pip install --quiet --disable-pip-version-check uv

$(READY): requirements.txt pyproject.toml | $(UV)
	test -x $(PYTHON) || $(UV) venv --quiet --python '>=3.11,<3.15' .venv
	$(UV) pip sync --quiet --python $(PYTHON) requirements.txt
	$(UV) pip install --quiet --python $(PYTHON) --no-deps --no-build-isolation -e .
	@touch $@
