# Every target does its own set-up; a second run is quick.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
RENDERED := reports/rendered

.DEFAULT_GOAL := help
.PHONY: help setup report notebook notebooks glossary page test test-slow bench lint clean

help:  ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/'

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "csim needs Python 3.11 or later: make PYTHON=python3.11 …"; exit 2; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	touch $(STAMP)

setup: $(STAMP)  ## a virtual environment with csim and its tools

PAGES := double_11 bank_voice double_11_settlement double_11_month_to_date hotline_clause_check hotline_400_renewal
REPORTS := $(foreach lang,en zh,$(foreach page,$(PAGES),$(RENDERED)/$(page)-$(lang).html))
REPORT_SOURCES := $(wildcard reports/*.ipynb scenarios/*/*) $(shell find csim -name '*.py' -o -name '*.yaml' -o -name '*.css')

report: $(REPORTS)  ## the example reports, in English and Chinese: two forecasts, a month settled, a month running, a contract checked, a renewal
	@echo && ls $(RENDERED)

# A PDF is printed beside each page where a browser is there.
$(RENDERED)/double_11-%.html: $(STAMP) $(REPORT_SOURCES)
	$(BIN)/csim report service_forecast -p scenario=scenarios/centres/double_11.yaml -p replications=20 --lang $* -p workers=processes:2 --pdf --out $@

$(RENDERED)/bank_voice-%.html: $(STAMP) $(REPORT_SOURCES)
	$(BIN)/csim report service_forecast -p scenario=scenarios/centres/bank_voice.yaml -p replications=200 --lang $* -p workers=processes:2 --pdf --out $@

$(RENDERED)/double_11_settlement-%.html: $(STAMP) $(REPORT_SOURCES)
	$(BIN)/csim report settlement -p contract=scenarios/contracts/double_11.yaml -p kpis=scenarios/contracts/double_11_kpis.csv -p month=2026-11 -p vendor=B --lang $* --pdf --out $@

# A simulated November stands in for the log of a running month.
NOVEMBER := $(RENDERED)/november/contacts.parquet

$(NOVEMBER): $(STAMP) scenarios/centres/double_11.yaml
	$(BIN)/csim simulate scenarios/centres/double_11.yaml -n 1 --out $(dir $@) --kpi service_level

$(RENDERED)/double_11_month_to_date-%.html: $(STAMP) $(REPORT_SOURCES) $(NOVEMBER)
	$(BIN)/csim report month_to_date -p contract=scenarios/contracts/double_11.yaml -p log=$(NOVEMBER) -p vendor=B -p as_of=2026-11-11 -p scenario=scenarios/centres/double_11.yaml -p replications=40 -p workers=processes:2 --lang $* --pdf --out $@

$(RENDERED)/hotline_clause_check-%.html: $(STAMP) $(REPORT_SOURCES)
	$(BIN)/csim report clause_check -p contract=scenarios/contracts/hotline_400.yaml -p scenario=scenarios/centres/hotline_400.yaml -p levels=0.85,1.0,1.05,1.1 -p harm_abandon=20 -p harm_second=0.02 -p replications=6 --lang $* -p workers=processes:2 --pdf --out $@

$(RENDERED)/hotline_400_renewal-%.html: $(STAMP) $(REPORT_SOURCES)
	$(BIN)/csim report renewal -p contract=scenarios/contracts/hotline_400.yaml -p scenario=scenarios/centres/hotline_400.yaml -p harm_abandon=20 -p replications=5 -p workers=processes:2 --lang $* --pdf --out $@

notebook: $(STAMP)  ## JupyterLab on this machine only
	$(BIN)/jupyter lab --ip=127.0.0.1 --notebook-dir=. $(if $(filter 0,$(shell id -u)),--allow-root)

notebooks: $(STAMP)  ## notebooks/zh from notebooks: the same code, Chinese words
	$(BIN)/csim notebook notebooks/*.ipynb --lang zh --out notebooks/zh

page: $(STAMP)  ## sliders as a web page, on this machine only
	$(BIN)/csim page scenarios

glossary: $(STAMP)  ## GLOSSARY.md from the words and the catalogue
	$(BIN)/csim glossary --out GLOSSARY.md

test: $(STAMP)  ## everything not marked slow: style, types, layers, doctests, tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -m "not slow" -n 2

test-slow: $(STAMP)  ## large property runs and long simulations
	CSIM_EXAMPLES=search $(BIN)/python -m pytest -m slow -n 2

bench: $(STAMP)  ## speed, as ratios against peers in the same run
	-$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[bench]'
	$(BIN)/python -m benchmarks
	$(BIN)/python -m benchmarks.terms

lint: $(STAMP)  ## mend style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:  ## what can be made again
	rm -rf $(RENDERED) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
