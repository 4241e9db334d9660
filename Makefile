# The commands of the project; each prepares what it needs.

FOUND = $(notdir $(shell sh -c "command -v $(1)"))
# The first of these that is on the PATH; 3.11 is the one that the tests run on.
PYTHON ?= $(or $(firstword $(foreach version,3.11 3.12 3.13,$(call FOUND,python$(version)))),python3.11)
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
PACKAGES := .venv-packages
PACKAGES_STAMP := $(PACKAGES)/.installed
DOCS := .venv-docs
DOCS_STAMP := $(DOCS)/.installed
TORCHRL := .venv-torchrl
TORCHRL_STAMP := $(TORCHRL)/.installed
SLURM := .venv-slurm
SLURM_STAMP := $(SLURM)/.installed
CORES ?= 2
# uv, where it is on the PATH, takes a third of pip's time.
PIP = $(if $(call FOUND,uv),uv pip install --quiet --python $(1)/bin/python,$(1)/bin/python -m pip install --quiet --disable-pip-version-check)
QUIET := import warnings; warnings.filterwarnings("ignore", "The environment variable CONDOR_CONFIG", UserWarning)

.PHONY: run quick test test-slow test-packages test-torchrl test-htcondor test-slurm guard validate validate-quick bench bench-quick bench-scale performance results site lint format venv schema clean

run: venv  ## train the default sweep and write results/summary.pdf
	$(BIN)/snakemake --cores $(CORES) results/summary.pdf all
	@echo "The summary: $(CURDIR)/results/summary.pdf"

quick: venv  ## unit and contract tests of what has changed, mostly in less than a minute
	$(BIN)/pytest -n $(CORES) --dist worksteal -m "not slow and not htcondor and not slurm and not packages" $$($(BIN)/python -m tests.changed)

test: venv  ## all tests but the long ones, a few minutes
	$(BIN)/pytest -n $(CORES) --dist worksteal -m "not slow and not htcondor and not slurm and not packages"

test-slow: venv  ## the tests that take minutes each
	$(BIN)/pytest -n $(CORES) --dist worksteal --durations=20 -m "slow and not htcondor and not slurm and not packages"

test-packages: venv $(PACKAGES_STAMP)  ## tasks of other packages, installed for this beside .venv
	MPN_RL_REQUIRE_PACKAGES=1 $(PACKAGES)/bin/python -m pytest -n $(CORES) --dist worksteal -m packages tests/packages

# torchrl's modules warn of themselves where they are imported
test-torchrl: venv $(TORCHRL_STAMP)  ## the modules for TorchRL and the example, with TorchRL installed for this
	MPN_RL_REQUIRE_TORCHRL=1 $(TORCHRL)/bin/python -m pytest -n 0 -W ignore::DeprecationWarning -W ignore::UserWarning tests/torchrl

test-htcondor: venv  ## run the workflow on a real HTCondor pool (root on Debian)
	$(BIN)/pytest -n 2 --dist loadfile -m htcondor tests/htcondor

test-slurm: venv $(SLURM_STAMP)  ## run the workflow on a real Slurm of one node (root on Debian)
	$(SLURM)/bin/python -m pytest -n 0 -m slurm tests/slurm

guard: venv $(PACKAGES_STAMP)  ## what the defaults reach on every task -> docs/results/defaults.csv, docs/defaults.md
	$(PACKAGES)/bin/python -m benchmarks.guard --processes $(CORES)

validate: venv  ## reproduce the paper's figures -> results/validation.md, docs/results/validation.csv, docs/validation.md
	$(BIN)/python -m benchmarks.validation

validate-quick: venv  ## the same for a moment each, to see that all runs
	$(BIN)/python -m benchmarks.validation --quick

bench: venv  ## measure speed side by side with others -> results/benchmarks.md
	$(BIN)/python -m benchmarks

bench-quick: venv  ## the same once each, to see that all runs
	$(BIN)/python -m benchmarks --quick

bench-scale: venv  ## what a thousand and ten thousand runs cost -> results/benchmarks_scale.md
	$(BIN)/python -m benchmarks.scale

performance: venv  ## write the tables of docs/performance.md from the results of `make bench`
	$(BIN)/python -m benchmarks.page

results: venv  ## write the tables of docs/results.md from docs/results/
	$(BIN)/python -m benchmarks.results

site: venv $(DOCS_STAMP)  ## the site of docs/ and docstrings -> build/website/site/index.html
	$(BIN)/python -m website
	$(DOCS)/bin/zensical build --strict -f build/website/mkdocs.yml

lint: venv  ## style, types, workflow format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/snakefmt --check Snakefile workflow
	$(BIN)/mypy

format: venv  ## put everything in the project's style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/snakefmt Snakefile workflow

schema: venv  ## write config/schema.json from the declared hyper-parameters
	$(BIN)/python -m mpn_rl.sweep.config.schema > config/schema.json.new
	mv config/schema.json.new config/schema.json

venv: $(STAMP)  ## only the environment
	@# HTCondor's bindings, which the engine loads at every start, warn where there is no HTCondor.
	@echo '$(QUIET)' > "$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/quiet_htcondor.pth"

# An interrupted installation leaves no stamp, and so is done again.
$(STAMP): requirements.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) is not on the PATH; give another with make PYTHON=..."; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(call PIP,$(VENV)) -r requirements.lock
	$(call PIP,$(VENV)) --no-deps -e .
	touch $(STAMP)

# On top of .venv, which they see through a .pth file and leave as it is; their python is the one to call.
define on_top
	$(BIN)/python -m venv --clear --without-pip $(1)
	@echo "import site; site.addsitedir('$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')')" > "$$($(1)/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/main_environment.pth"
	$(1)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -r $(2)
	touch $(1)/.installed
endef

$(PACKAGES_STAMP): $(STAMP) requirements-packages.lock
	$(call on_top,$(PACKAGES),requirements-packages.lock)

$(TORCHRL_STAMP): $(STAMP) requirements-torchrl.lock
	$(call on_top,$(TORCHRL),requirements-torchrl.lock)

$(SLURM_STAMP): $(STAMP) requirements-slurm.lock
	$(call on_top,$(SLURM),requirements-slurm.lock)

$(DOCS_STAMP): $(STAMP) requirements-docs.lock
	$(BIN)/python -m venv --clear $(DOCS)
	$(call PIP,$(DOCS)) -r requirements-docs.lock
	touch $(DOCS_STAMP)

clean:  ## the environment and caches; results stay
	rm -rf $(VENV) $(PACKAGES) $(SLURM) $(TORCHRL) $(DOCS) .venv-peers build .pytest_cache .mypy_cache .ruff_cache .hypothesis
