# make           the quick study: figures and a report in results/quick
# make paper     the study at the paper's budgets (all cores; limit with CORES=)
# make archive   the same, and copies what is committed to results/archive
# make test      style, types, workflow checks, and the tests that are fast
# make test-all  the same with the slow tests
# make test-slurm  the quick study on a real Slurm (superuser on Debian; test-all has a smaller one)
# make fuzz      100 000 damaged and hostile files (MORE=10 for ten times as many)
# make bench     the benchmarks
# make lock      renew the locks (needs uv; UPGRADE=1 takes newer versions)
# make format    format the code and the workflow
# make clean     remove the environment and all caches, but no results
# make help      print this
#
# Python 3.11 or newer is needed. To use another one: make PYTHON=python3.12

PYTHON ?= python3
UV ?= uv
CORES ?=
JOBS ?= 2

VENV := .venv
BIN := $(VENV)/bin
# Marks of what the environment has: the study; the tools for developing it.
READY := $(VENV)/ready
TOOLS := $(VENV)/tools
PACKAGES := $(VENV)/requirements.lock
WORKFLOW := Snakefile workflow
PYTEST := $(BIN)/python -m pytest -n $(JOBS)
FOUND_PYTHON = $$($(PYTHON) --version 2>/dev/null || echo missing)
OLD_PYTHON = codesign needs Python 3.11 or newer, but $(PYTHON) is $(FOUND_PYTHON): try make PYTHON=python3.12

# Jobs start faster: docs/workflow.md. SERVING= runs without it.
SERVING := $(BIN)/python -m codesign.study.serve

# Rules call `python`, which must be the one of this environment.
export PATH := $(CURDIR)/$(BIN):$(PATH)
# Worker processes have no display.
export MPLBACKEND := Agg
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Python writes bytecode when it first imports a module, even if the caller has switched this off.
# Without it, every job would compile all modules again.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := quick
.PHONY: quick paper archive test test-all test-slurm fuzz slurm lint bench lock format clean env help
.DELETE_ON_ERROR:

# Prints the comments at the top of this file.
help:
	@sed -n -e '/^#/!q' -e 's/^# \{0,1\}//p' $(firstword $(MAKEFILE_LIST))

quick: $(READY)
	$(SERVING) $(BIN)/snakemake quick --cores $(or $(CORES),2) --configfile config/quick.yaml
	@echo
	@echo "figures: results/quick"
	@echo "report:  results/quick/report.html"

paper: $(READY)
	$(SERVING) $(BIN)/snakemake $(if $(CORES),--cores $(CORES))

archive: $(READY)
	$(SERVING) $(BIN)/snakemake archive $(if $(CORES),--cores $(CORES))

test: lint
	$(PYTEST) -m "not slow"

test-all: lint slurm
	$(PYTEST)

test-slurm: slurm $(TOOLS)
	CODESIGN_SLURM_CONFIG=config/quick.yaml $(BIN)/python -m pytest tests/cluster

# atheris has wheels for few Pythons and systems. Without it, fuzzing is not guided by coverage.
fuzz: $(TOOLS)
	@$(BIN)/python -m pip install --quiet --require-hashes --only-binary :all: \
	    --requirement requirements-fuzz.lock 2>/dev/null || true
	$(BIN)/python -m tests.fuzz --times $(or $(MORE),1)

lint: $(TOOLS)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/snakefmt --check $(WORKFLOW)
	$(BIN)/snakemake --lint

bench: $(TOOLS)
	$(BIN)/python -m benchmarks

format: $(TOOLS)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/snakefmt $(WORKFLOW)

# A package has the same version for all Pythons (--fork-strategy fewest) and in all locks, so that
# results do not depend on these. The study's lock also has what builds the package itself.
COMPILE = $(UV) pip compile --no-config --universal --python-version 3.11 --fork-strategy fewest \
    --generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate --no-header \
    --quiet $(if $(UPGRADE),--upgrade) pyproject.toml
BACKEND = import tomllib; f = open("pyproject.toml", "rb"); \
    print(*tomllib.load(f)["build-system"]["requires"], sep="\n")

lock:
	@command -v $(UV) >/dev/null || { echo "make lock needs uv: pip install uv" >&2; exit 1; }
	$(PYTHON) -c '$(BACKEND)' | $(COMPILE) - --extra study --output-file requirements.lock
	$(COMPILE) --constraint requirements.lock --output-file requirements-core.lock
	$(COMPILE) --constraint requirements.lock --extra dev --output-file requirements-dev.lock
	for extra in slurm fuzz; do \
	    $(COMPILE) --constraint requirements-dev.lock --extra $$extra \
	        --output-file requirements-$$extra.lock || exit 1; \
	done

env: $(READY)

# Snakemake's Slurm plugin, to submit jobs from this machine.
slurm: $(VENV)/slurm

$(VENV)/slurm: requirements-slurm.lock $(READY)
	@$(call INSTALL,requirements-slurm.lock)
	@touch $@

# Meanwhile, the kernels of the default mapper and of proofs compile, which the tests use.
$(TOOLS): requirements-dev.lock $(READY)
	@echo "Installing what requirements-dev.lock adds, and compiling further kernels"
	@$(call COMPILE_MEANWHILE,map prove,requirements-dev.lock)
	@touch $@

# The package itself, as a link to src/; again when its entry points may have changed.
$(READY): $(PACKAGES) pyproject.toml setup.py
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

# The environment has a copy of the lock from which it was made. If the lock is newer but equal, as
# after a checkout, nothing is done. If it differs, a new environment is made.
$(PACKAGES): requirements.lock
	@if cmp -s requirements.lock $@; then touch $@; else $(MAKE) --no-print-directory fresh-env; fi

# Uses uv if it is installed and works, otherwise pip with its own settings.
define INSTALL
if command -v $(UV) >/dev/null && $(UV) pip install --quiet --python $(BIN)/python \
    --require-hashes --requirement $(1) 2>/dev/null; then :; else \
    $(BIN)/python -m pip install --quiet --no-compile --require-hashes --requirement $(1); fi
endef

# Compiles shares of kernels (codesign.warm) while packages are installed.
define COMPILE_MEANWHILE
for share in $(1); do \
    PYTHONPATH=src $(BIN)/python -m codesign.warm $$share & kernels="$$kernels $$!"; \
done; \
{ $(call INSTALL,$(2)); } || { kill $$kernels; exit 1; }; \
for job in $$kernels; do wait $$job || exit 1; done
endef

# Writes the packages of a lock that the core does not have in two files, by turns.
SPLIT = awk -v into=$(VENV)/share- '/^[^ ]*==/ { name = $$1 } NR == FNR { core[name]; next } \
    !(name in core) { if (/^[^ ]*==/) turn = 1 - turn; print > (into turn ".lock") }'

# pip installs one package after another, so there are three of it: for the core, which is all that
# kernels need, and for halves of the rest. A lock is complete, so the halves need no dependencies.
define INSTALL_AND_COMPILE
if command -v $(UV) >/dev/null && $(UV) pip install --quiet --python $(BIN)/python \
    --require-hashes --requirement requirements.lock 2>/dev/null; then :; else \
    $(SPLIT) requirements-core.lock requirements.lock && \
    for half in 0 1; do \
        $(BIN)/python -m pip install --quiet --no-compile --no-deps --require-hashes \
            --requirement $(VENV)/share-$$half.lock & halves="$$halves $$!"; \
    done && \
    $(BIN)/python -m pip install --quiet --no-compile --require-hashes \
        --requirement requirements-core.lock || { kill $$halves; exit 1; }; \
fi; \
for share in price draw; do \
    PYTHONPATH=src $(BIN)/python -m codesign.warm $$share & kernels="$$kernels $$!"; \
done; \
for job in $$halves $$kernels; do wait $$job || exit 1; done; \
rm -f $(VENV)/share-*.lock; \
PYTHONPATH=src $(BIN)/python -m codesign.warm search
endef

.PHONY: fresh-env
fresh-env:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	    || { echo "$(OLD_PYTHON)" >&2; exit 1; }
	@echo "Installing what requirements.lock lists into $(VENV), and compiling the kernels (a minute)"
	@$(PYTHON) -m venv --clear $(VENV)
	@$(INSTALL_AND_COMPILE)
	@cp requirements.lock $(PACKAGES)

clean:
	rm -rf $(VENV) build dist .snakemake .benchmarks .hypothesis .mypy_cache .pytest_cache .ruff_cache
	rm -rf src/*.egg-info
	find src tests benchmarks workflow -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true
