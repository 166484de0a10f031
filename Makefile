# Every target sets up what it needs; `make` alone lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help

# The programs of the virtual environment first, so that neither people nor recipes need to activate it.
export PATH := $(CURDIR)/.venv/bin:$(PATH)
export ANSIBLE_CONFIG := $(CURDIR)/ansible.cfg
export PYTHONDONTWRITEBYTECODE := 1

# One service (mariadb, redis, api, nginx_lb, ui, prisma_studio) or all, for start, stop and logs.
SERVICE ?=
LINES ?= 50
FOLLOW ?=
# What drills and heal are for.
INVENTORY ?= ha

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# ---- The two commands

.PHONY: demo test test-all
demo: hastart ## From nothing to a running HA setup, and the failover shown on it
	@$(MAKE) --no-print-directory professor-demo hastatus

test: lint unit collection scenarios ## Every check but those of the cluster
test-all: test ## Every check there is, those of the cluster too
	@$(MAKE) --no-print-directory scenarios SCENARIOS="$(CLUSTER_SCENARIOS)"

# ---- Set-up and build

.PHONY: setup engine build requirements clean
setup: ## Make the virtual environment from the locked requirements
	@python3 tools/setup.py

engine: setup
	@python tools/engine.py

build: setup ## Build the release archives into build/; what did not change is not built again
	@ansible-playbook playbooks/build.yml

requirements: setup ## Lock requirements.in into requirements.txt
	@uv pip compile --quiet --no-emit-index-url --no-emit-find-links --python-version 3.11 \
	    --custom-compile-command 'make requirements' requirements.in --output-file requirements.txt

clean: engine ## Remove the lab hosts with their data, and all that was built
	@for scenario in bench_failover cluster ha dev; do molecule destroy --scenario-name $$scenario || exit; done
	@rm -rf build reports .cache

# ---- The original's words: d for development, ha for high availability, and cluster

.PHONY: hastart hastop hastatus halogs dstart dstop dstatus dlogs clusterstart clusterstop clusterstatus clusterlogs
hastart hastop hastatus halogs: STACK := ha
dstart dstop dstatus dlogs: STACK := dev
clusterstart clusterstop clusterstatus clusterlogs: STACK := cluster

hastart: ## Make the HA lab and deploy the stack to it
dstart: ## Make the development lab and deploy the stack to it
clusterstart: ## Make the cluster lab and deploy the stack to it
hastart dstart clusterstart: lab
	@ansible-playbook playbooks/site.yml -i inventories/$(STACK)

hastop: ## Stop the HA setup; its data stays
dstop: ## Stop the development setup; its data stays
clusterstop: ## Stop the cluster; its data stays
hastop dstop clusterstop: engine
	@$(call play,stop)
	@$(call play,../molecule/lab/stop)

hastatus: ## Show the HA setup's hosts, services and ports
dstatus: ## Show the development setup's services and ports
clusterstatus: ## Show the cluster's hosts, services, and who leads
hastatus dstatus clusterstatus: setup
	@$(call play,status)

halogs: ## Show the HA setup's logs (SERVICE=api LINES=50 FOLLOW=1)
dlogs: ## Show the development setup's logs (SERVICE=api LINES=50 FOLLOW=1)
clusterlogs: ## Show the cluster's logs (SERVICE=api LINES=50 FOLLOW=1)
halogs dlogs clusterlogs: setup
	@$(call play,logs)

.PHONY: lab
lab: engine build
	@molecule create --scenario-name $(STACK)

play = ansible-playbook playbooks/$(1).yml -i inventories/$(STACK) \
    $(if $(SERVICE),-e service=$(SERVICE)) $(if $(filter %logs,$@),-e lines=$(LINES) $(if $(FOLLOW),-e follow=true))

# ---- Drills

.PHONY: professor-demo drills heal
professor-demo: setup ## Kill a backend under load and prove that nobody noticed
	@ansible-playbook playbooks/failover.yml -i inventories/ha
drills: setup ## Break one part after the other, and judge them all (INVENTORY=ha)
	@ansible-playbook playbooks/drill_suite.yml -i inventories/$(INVENTORY)
heal: setup ## Mend what an interrupted drill left broken (INVENTORY=ha)
	@ansible-playbook playbooks/heal.yml -i inventories/$(INVENTORY)

# ---- Checks, the quick ones first

# Every role's, then the whole setups.
SCENARIOS := validate_inventory base mariadb redis api nginx_lb ui prisma_studio ssh dev ha
CLUSTER_SCENARIOS := mariadb_cluster redis_cluster nginx_lb_pair cluster

.PHONY: lint unit collection scenarios bench bench-failover
lint: build ## Lint and type-check everything
	@ansible-lint
	@yamllint --strict .
	@ruff check . && ruff format --check .
	@mypy --package ansible_collections.discordgym.stack.plugins
	@for folder in tools playbooks/files tests/unit tests/collection tests/browser tests/testinfra/roles tests/testinfra/stack; do \
	    mypy $$folder || exit; done
	@python docs/generate_variables.py --check
	@npm --prefix app/api run lint
	@npm --prefix app/ui run lint

unit: build ## Run the unit tests of the collection and of the application
	@pytest tests/unit
	@npm --prefix app/api test
	@npm --prefix app/ui test

collection: setup ## Build the collection, install it from its archive, and run its playbooks by name
	@pytest tests/collection

scenarios: engine build ## Run the scenarios of all roles and of the whole setups (SCENARIOS="redis ha" for some)
	@python tools/programs.py ssh=openssh-client chromium=chromium
	@for scenario in $(SCENARIOS); do molecule test --scenario-name $$scenario || exit; done

bench: engine build ## Measure how fast the HA setup is deployed, beside plainer ways (makes its lab anew, and removes it)
	@python tools/bench.py

bench-failover: engine build ## Drill our load balancer beside the original's nginx, HAProxy and Caddy (makes a lab, and removes it)
	@python tools/bench_failover.py
