# Notebook Validator Operator. `make help` lists the targets.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:
.DELETE_ON_ERROR:

# Versions of the tools; each is built once from source into the cache, outside of the repository.
CONTROLLER_GEN_VERSION := v0.23.0
KUSTOMIZE_VERSION := v5.8.1
GOLANGCI_LINT_VERSION := v2.15.0

# VERSION of the binary; IMG is the operator's image; CONTAINER_TOOL builds it.
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
IMG ?= notebook-validator:latest
CONTAINER_TOOL ?= docker
KUBECTL ?= kubectl

# FUZZTIME is for each fuzz target. TESTFLAGS are the last of every go test, so that they win over what stands here, and
# that flags of the tests themselves can come at their end, after -args.
FUZZTIME ?= 20s
TESTFLAGS ?=
# CORPUS is a folder of notebooks; the project's own ones are small.
CORPUS ?= test/corpus/hosts

CACHE ?= $(if $(XDG_CACHE_HOME),$(XDG_CACHE_HOME),$(HOME)/.cache)/notebook-validator
TOOLS := $(CACHE)/bin
CONTROLLER_GEN := $(TOOLS)/controller-gen-$(CONTROLLER_GEN_VERSION)
KUSTOMIZE := $(TOOLS)/kustomize-$(KUSTOMIZE_VERSION)
GOLANGCI_LINT := $(TOOLS)/golangci-lint-$(GOLANGCI_LINT_VERSION)

LDFLAGS := -s -w -X main.version=$(VERSION)
UNIT_PACKAGES = $$(go list ./... | grep -vE '/test/(integration|e2e|demo)(/|$$)')

##@ General

.PHONY: help
help: ## Show this list.
	@awk 'BEGIN {FS = ":.*## "} \
	  /^##@ / {printf "\n%s\n", substr($$0, 5)} \
	  /^[a-z0-9-]+:.*## / {printf "  %-14s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

##@ Generated code

.PHONY: generate
generate: manifests ## Write deep copies, CRDs, docs/conditions.md, docs/rules and docs/report.schema.json.
	$(CONTROLLER_GEN) object:headerFile=hack/boilerplate.go.txt paths=./api/...
	go run ./hack/conditions -api api/v1alpha1/conditions.go -out docs/conditions.md
	go run ./hack/rules -out docs/rules
	go run ./internal/report/schema/generate -root . -out docs/report.schema.json

.PHONY: manifests
manifests: $(CONTROLLER_GEN) ## Write the CRDs into config/crd/bases.
	$(CONTROLLER_GEN) crd paths=./api/... output:crd:dir=config/crd/bases

.PHONY: verify
verify: $(CONTROLLER_GEN) $(KUSTOMIZE) ## Check that generated files are current and that the manifests are sound.
	hack/verify-generated.sh
	hack/verify-manifests.sh $(KUSTOMIZE)

##@ Code

.PHONY: fmt
fmt: $(GOLANGCI_LINT) ## Format the code.
	$(GOLANGCI_LINT) fmt ./...

.PHONY: vet
vet: ## Run go vet.
	go vet ./...

.PHONY: lint
lint: $(GOLANGCI_LINT) ## Run the linters of .golangci.yml.
	$(GOLANGCI_LINT) run ./...

.PHONY: build
build: ## Build the static binary bin/notebook-validator.
	CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags '$(LDFLAGS)' -o bin/notebook-validator .

.PHONY: docker-build
docker-build: build ## Build the operator's image IMG with CONTAINER_TOOL.
	$(CONTAINER_TOOL) build -t $(IMG) .

##@ Tests

.PHONY: test
test: test-prereqs verify lint unit integration ## Everything that needs no cluster: checks, unit and integration tests.

.PHONY: test-prereqs
test-prereqs: ## Install what the tests need from Debian packages, or say what is missing.
	hack/test-prereqs.sh

.PHONY: unit
unit: ## Run the unit tests.
	go test $(UNIT_PACKAGES) -timeout 30m $(TESTFLAGS)

.PHONY: race
race: ## Run the unit tests with the race detector; this needs a C compiler.
	go test -race $(UNIT_PACKAGES) -timeout 60m $(TESTFLAGS)

.PHONY: integration
integration: ## Run the tests against a real kube-apiserver.
	assets=$$(go run ./test/cluster assets); \
	KUBEBUILDER_ASSETS="$$assets" go test ./test/integration/... -count=1 -timeout 20m $(TESTFLAGS)

.PHONY: e2e
e2e: test-prereqs cluster-up ## Run the end-to-end tests on a real node, or on the cluster that KUBECONFIG names.
	go test ./test/e2e/... -count=1 -timeout 60m -v $(TESTFLAGS)

.PHONY: corpus
corpus: test-prereqs ## Measure lint, observer, golden comparison and seeded faults on the notebooks of the folder CORPUS.
	go run ./test/corpus $(TESTFLAGS) $(CORPUS)

.PHONY: fuzz
fuzz: ## Run each fuzz target for FUZZTIME.
	hack/fuzz.sh $(FUZZTIME)

.PHONY: bench
bench: ## Run the benchmarks.
	assets=$$(go run ./test/cluster assets); \
	KUBEBUILDER_ASSETS="$$assets" go test ./... -run '^$$' -bench . -timeout 30m $(TESTFLAGS)

##@ A cluster on this machine

.PHONY: demo
demo: ## Show the whole way on this machine: cluster, operator, build, validation, verdict.
	go run ./test/demo

.PHONY: cluster-up
cluster-up: ## Bring up the one-node test cluster; quick where it is up already.
	go run ./test/cluster prereqs
	go run ./test/cluster up

.PHONY: cluster-down
cluster-down: ## Take the test cluster down and leave nothing behind.
	go run ./test/cluster down

##@ Any cluster

.PHONY: install
install: ## Install the CRDs.
	$(KUBECTL) apply -k config/crd

.PHONY: uninstall
uninstall: ## Remove the CRDs, and with them every job and build.
	$(KUBECTL) delete --ignore-not-found -k config/crd

.PHONY: deploy
deploy: ## Install CRDs and operator with the image IMG.
	hack/overlay.sh $(IMG) $(KUBECTL) apply -k

.PHONY: undeploy
undeploy: ## Remove the operator and the CRDs.
	$(KUBECTL) delete --ignore-not-found -k config/default

# install-tool builds package $(1) at version $(2) and moves it into place under a name that holds the version.
define install-tool
	@echo "building $(notdir $@) into $(TOOLS)"
	@mkdir -p $(TOOLS); dir=$$(mktemp -d $(TOOLS)/.build-XXXXXX); trap 'rm -rf "$$dir"' EXIT; \
	GOBIN="$$dir" GOOS= GOARCH= CGO_ENABLED=0 go install -trimpath $(1)@$(2); mv "$$dir"/* $@
endef

$(CONTROLLER_GEN):
	$(call install-tool,sigs.k8s.io/controller-tools/cmd/controller-gen,$(CONTROLLER_GEN_VERSION))

$(KUSTOMIZE):
	$(call install-tool,sigs.k8s.io/kustomize/kustomize/v5,$(KUSTOMIZE_VERSION))

$(GOLANGCI_LINT):
	$(call install-tool,github.com/golangci/golangci-lint/v2/cmd/golangci-lint,$(GOLANGCI_LINT_VERSION))
