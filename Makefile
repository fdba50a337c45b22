# Sayso: `make run` to talk to it, `make test` to check it. Needs Python >= 3.11, git and make; everything that is installed,
# cached or downloaded stays below this folder, so deleting the folder deletes all of it.

PORT ?= $(or $(SAYSO_PORT),8080)
# How many tests run at once: a number, or `auto` for one a core.
JOBS ?= auto
# An interpreter to prefer over the ones that are looked for, such as PYTHON=/opt/python3.13/bin/python3.
PYTHON ?=

SHELL := /bin/sh
CACHE := $(CURDIR)/.cache
export PIP_CACHE_DIR := $(CACHE)/pip
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_ROOT_USER_ACTION := ignore
export NPM_CONFIG_CACHE := $(CACHE)/npm
export NPM_CONFIG_UPDATE_NOTIFIER := false
export TMPDIR := $(CACHE)/tmp
export SAYSO_CLIENTS := $(CURDIR)/.clients
$(shell mkdir -p .cache/tmp)

BIN := .venv/bin
# The sam command pins boto3 and click, so it lives apart. Its linter comes with it.
SAM_VERSION := 1.170.0
# An AWS to deploy onto in the tests. It, too, has its own boto3.
MINISTACK_VERSION := 1.5.33

# What AWS runs: the template's parameters of these names, and the store's data that come with the package.
RUNTIME ?= python3.13
ARCHITECTURE ?= arm64
DATA ?= .data
# For `make deploy`, the first time: PARAMETERS="AlexaSkillId=… DialogflowSecret=… SignInPrefix=…".
PARAMETERS ?=

.PHONY: help run test nightly test-clients mutants clean build deploy \
	check check-style check-types check-imports check-models check-template
.DELETE_ON_ERROR:
# Two pips must not write the same environment at once.
.NOTPARALLEL:

help:
	@echo "make run           install, import the sample catalogue, set up a demo household and start the server (PORT=8080)"
	@echo "make test          run the tests that need Python alone"
	@echo "make nightly       the same, with thousands of examples and long races (an hour or two)"
	@echo "make test-clients  order through Alexa and Dialogflow clients that others wrote (needs Node.js and Java)"
	@echo "make mutants       change the guard and the shop line by line, and see that the tests notice (docs/mutation.md)"
	@echo "make check         linters, types, import rules, interaction models, the AWS template"
	@echo "make build         build the package for AWS (RUNTIME=python3.13 ARCHITECTURE=arm64 DATA=.data; docs/aws.md)"
	@echo "make deploy        build it and put it on AWS (PARAMETERS=...)"
	@echo "make clean         remove what was installed and built; your data in .data stays"

run: .venv/.installed
	@$(BIN)/sayso demo
	@SAYSO_PORT=$(PORT) exec $(BIN)/sayso serve

# Hundreds of tests start a process: each would compile the whole product where the environment forbids to keep what is compiled.
test nightly: export PYTHONDONTWRITEBYTECODE :=

test: .venv/.installed-test
	$(BIN)/python -m pytest -n $(JOBS) -m "not clients"

# The same tests with thousands of examples, and 32 processes racing for 1,000 rounds: an hour or two.
nightly: .venv/.installed-test
	SAYSO_RACERS=32 SAYSO_ROUNDS=1000 $(BIN)/python -m pytest -n $(JOBS) -m "not clients" --hypothesis-profile nightly

# A quarter of an hour on two cores, an hour where they have other work; it gives way to everything else.
mutants: .venv/.installed-mutants
	nice -n 15 $(BIN)/python -m tests.mutants

# sam and its emulator of Lambda's runtime, and an AWS of others, are in environments of their own.
test-clients: .venv/.installed-clients .clients/.installed \
		.venv-sam/.installed-$(SAM_VERSION) .venv-ministack/.installed-$(MINISTACK_VERSION)
	$(BIN)/python -m pytest -n $(JOBS) -m clients

# `make -k check` goes on after the first complaint.
check: check-style check-types check-imports check-models check-template

check-style: .venv/.installed-check
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .

check-types: .venv/.installed-check
	$(BIN)/python -m mypy

check-imports: .venv/.installed-check
	$(BIN)/lint-imports --no-logo

check-models: .venv/.installed
	$(BIN)/python -m interaction_models check

# sam keeps settings in the home directory and reports home: it is given a home in here, and reports nothing.
check-template: .venv-sam/.installed-$(SAM_VERSION)
	HOME="$(CACHE)/sam" SAM_CLI_TELEMETRY=0 AWS_DEFAULT_REGION=us-east-1 .venv-sam/bin/sam validate --lint --template template.yaml

build deploy: export SAM_CLI_TELEMETRY := 0
build deploy: export BUILD_PYTHON := $(CURDIR)/.venv/bin/python
build: .venv/.installed .venv-sam/.installed-$(SAM_VERSION)
	RUNTIME=$(RUNTIME) ARCHITECTURE=$(ARCHITECTURE) DATA="$(DATA)" \
		.venv-sam/bin/sam build --parameter-overrides Runtime=$(RUNTIME) Architecture=$(ARCHITECTURE)

deploy: build
	.venv-sam/bin/sam deploy --resolve-s3 \
		--parameter-overrides Runtime=$(RUNTIME) Architecture=$(ARCHITECTURE) $(PARAMETERS)

clean:
	rm -rf .venv .venv-sam .venv-ministack .clients .cache .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .aws-sam build *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# --- what is installed, and when it is installed again ---------------------------------------------------------------------

# A command of the right name may still be too old, have no venv, or be a version manager's stub: only running it tells.
.venv/bin/python:
	@for candidate in $(PYTHON) python3.13 python3.12 python3.11 python3 python; do \
		if "$$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then \
			echo "Creating .venv with $$("$$candidate" --version) ($$(command -v "$$candidate"))"; \
			exec "$$candidate" -m venv --clear .venv; \
		fi; \
	done; \
	echo "Sayso needs Python 3.11 or later with its venv module, and found none." >&2; \
	echo "Install it (Debian, Ubuntu: apt install python3 python3-venv), or name one: make PYTHON=/path/to/python3" >&2; \
	exit 1

.venv/.installed: pyproject.toml .venv/bin/python
	@echo "Installing into .venv; the first time takes a minute or two."
	@$(BIN)/python -m pip install --quiet --editable .
	@touch $@

.venv/.installed-test: pyproject.toml .venv/bin/python
	@echo "Installing into .venv; the first time takes a minute or two."
	@$(BIN)/python -m pip install --quiet --editable '.[test]'
	@touch $@ .venv/.installed

.venv/.installed-clients: pyproject.toml .venv/bin/python
	@echo "Installing into .venv; the first time takes a minute or two."
	@$(BIN)/python -m pip install --quiet --editable '.[test,clients]'
	@touch $@ .venv/.installed .venv/.installed-test

.venv/.installed-check: pyproject.toml .venv/bin/python
	@echo "Installing into .venv; the first time takes a minute or two."
	@$(BIN)/python -m pip install --quiet --editable '.[test,clients,check]'
	@touch $@ .venv/.installed .venv/.installed-test .venv/.installed-clients

.venv/.installed-mutants: pyproject.toml .venv/bin/python
	@echo "Installing into .venv; the first time takes a minute or two."
	@$(BIN)/python -m pip install --quiet --editable '.[test,mutants]'
	@touch $@ .venv/.installed .venv/.installed-test

.venv-sam/.installed-$(SAM_VERSION): | .venv/bin/python
	@$(BIN)/python -m venv --clear .venv-sam
	@echo "Installing the sam command into .venv-sam; the first time takes a minute or two."
	@.venv-sam/bin/python -m pip install --quiet aws-sam-cli==$(SAM_VERSION)
	@touch $@

.venv-ministack/.installed-$(MINISTACK_VERSION): | .venv/bin/python
	@$(BIN)/python -m venv --clear .venv-ministack
	@echo "Installing ministack into .venv-ministack."
	@.venv-ministack/bin/python -m pip install --quiet ministack==$(MINISTACK_VERSION) aws-sam-translator cryptography
	@touch $@

.clients/.installed: tests/clients/package.json
	@for tool in node npm java; do \
		command -v $$tool >/dev/null || { echo "make test-clients needs $$tool: install Node.js 18 and Java 11 or later" \
			"(Debian, Ubuntu: apt install nodejs npm default-jre-headless)" >&2; exit 1; }; \
	done
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || [ -x "$$CHROMIUM" ] || { echo "make test-clients needs Chromium, on the PATH or" \
		"where CHROMIUM says (Debian: apt install chromium)" >&2; exit 1; }
	@node -e 'process.exit(parseInt(process.versions.node) < 18 ? 1 : 0)' || { \
		echo "make test-clients needs Node.js 18 or later; this is $$(node --version)" >&2; exit 1; }
	@mkdir -p .clients
	@cp tests/clients/package.json .clients/package.json
	@cd .clients && npm install --no-package-lock --no-audit --no-fund --loglevel=error
	@touch $@
