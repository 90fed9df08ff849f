VENV ?= .venv
PYTHON ?= python3
BIN := $(VENV)/bin

.PHONY: figures test oldest paper benchmarks clean

# Every simulation at quick scale, every figure, the table of verdicts. A claim that
# fails is a finding, and breaks no build.
figures: $(VENV)/.simulations
	$(BIN)/python -m simulations run all --scale quick
	$(BIN)/python -m figures all --scale quick
	$(BIN)/python -m simulations verify --scale quick || true

# Lint, types and tests.
test: $(VENV)/.test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -q -n 2 --dist loadfile

# The tests on the oldest versions that are declared. scikit-learn 1.6 hands generators to
# pytest, which warns of that.
oldest: $(VENV)/oldest/.test
	$(VENV)/oldest/bin/python -m pytest -q -n 2 --dist loadfile \
		-W ignore::pytest.PytestRemovedIn10Warning

# The committed results, figures and report, at paper scale, with the peers of real data.
paper: $(VENV)/.peers
	$(BIN)/python -m simulations run all --scale paper
	$(BIN)/python -m figures all --scale paper
	$(BIN)/python -m simulations report
	$(BIN)/python -m simulations verify || true

# Ratios of times and memory, each within one run.
benchmarks: $(VENV)/.simulations
	$(BIN)/python -m benchmarks

clean:
	rm -rf $(VENV) figures/quick simulations/results/*.quick.json simulations/results/*.sqlite*

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.simulations: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[simulations]'
	touch $@

$(VENV)/.peers: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[peers,simulations]'
	touch $@ $(VENV)/.simulations

$(VENV)/.test: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[test]'
	touch $@ $(VENV)/.simulations

$(VENV)/oldest/.test: pyproject.toml tests/oldest.txt | $(VENV)/bin/python
	$(PYTHON) -m venv $(VENV)/oldest
	$(VENV)/oldest/bin/python -m pip install --quiet --disable-pip-version-check \
		--constraint tests/oldest.txt -e '.[test]'
	touch $@
