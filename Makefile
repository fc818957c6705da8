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

# VERSION of the release, said here and nowhere else. IMAGE_BASE is where its images go; CONTAINER_TOOL builds them.
VERSION ?= 0.2.0
IMAGE_BASE ?= registry.example.com/notebook-validator
IMG ?= $(IMAGE_BASE):$(VERSION)
BUNDLE_IMG ?= $(IMAGE_BASE)-bundle:$(VERSION)
CATALOG_IMG ?= $(IMAGE_BASE)-catalog:$(VERSION)
SCORECARD_IMG ?= $(IMAGE_BASE)-scorecard:$(VERSION)
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

# OPM renders and checks catalogs; where it is not said, it is built once from its module.
OPM ?= $$(go run ./test/cluster opm)

LDFLAGS := -s -w -X main.version=$(VERSION)
UNIT_PACKAGES = $$(go list ./... | grep -vE '/test/(integration|e2e|demo)(/|$$)')

##@ General

.PHONY: help
help: ## Show this list.
	@awk 'BEGIN {FS = ":.*## "} \
	  /^##@ / {printf "\n%s\n", substr($$0, 5)} \
	  /^[a-z0-9-]+:.*## / {printf "  %-16s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

##@ Generated code

.PHONY: generate
generate: manifests ## Write deep copies, CRDs, docs/conditions.md, docs/rules and docs/report.schema.json.
	$(CONTROLLER_GEN) object:headerFile=hack/boilerplate.go.txt paths=./api/...
	go run ./hack/conditions -api api/v1alpha1/conditions.go -out docs/conditions.md
	go run ./hack/rules -out docs/rules
	go run ./internal/report/schema/generate -root . -out docs/report.schema.json
	go run ./scorecard/generate -root .

.PHONY: manifests
manifests: $(CONTROLLER_GEN) ## Write the CRDs into config/crd/bases.
	$(CONTROLLER_GEN) crd paths=./api/... output:crd:dir=config/crd/bases

.PHONY: verify
verify: $(CONTROLLER_GEN) $(KUSTOMIZE) ## Check that generated files are current and that the manifests are sound.
	OPM="$(OPM)" hack/verify-generated.sh
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

##@ Operator Lifecycle Manager

BUNDLE_FLAGS = -kustomize $(KUSTOMIZE) -version $(VERSION) -image-base $(IMAGE_BASE)

.PHONY: bundle
bundle: manifests $(KUSTOMIZE) ## Write bundle/ and bundle.Dockerfile from config/ and the upgrade graph.
	go run ./hack/bundle $(BUNDLE_FLAGS) -out bundle -dockerfile bundle.Dockerfile

.PHONY: catalog
catalog: bundle ## Write the file-based catalog of all versions, and have opm check it.
	opm="$(OPM)"; \
	go run ./hack/catalog -opm "$$opm" -image-base $(IMAGE_BASE) catalog/releases/* bundle; \
	"$$opm" validate catalog/notebook-validator-operator

.PHONY: freeze
freeze: $(KUSTOMIZE) ## Keep the bundle of VERSION in catalog/releases, before VERSION is raised.
	@[ ! -e catalog/releases/$(VERSION) ] || { echo "catalog/releases/$(VERSION) is there already: what was released stays as it is" >&2; exit 1; }
	go run ./hack/bundle $(BUNDLE_FLAGS) -scorecard '' -out catalog/releases/$(VERSION)

.PHONY: bundle-build
bundle-build: ## Build the bundle's image BUNDLE_IMG.
	$(CONTAINER_TOOL) build -f bundle.Dockerfile -t $(BUNDLE_IMG) .

.PHONY: catalog-build
catalog-build: ## Build the catalog's image CATALOG_IMG.
	$(CONTAINER_TOOL) build -f catalog.Dockerfile -t $(CATALOG_IMG) .

.PHONY: scorecard
scorecard: ## Build the static binary bin/notebook-validator-scorecard of the operator's own scorecard tests.
	CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags '-s -w' -o bin/notebook-validator-scorecard ./scorecard

.PHONY: scorecard-build
scorecard-build: scorecard ## Build the image SCORECARD_IMG of the operator's own scorecard tests.
	$(CONTAINER_TOOL) build -f scorecard/Dockerfile -t $(SCORECARD_IMG) .

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
	go test -p 1 ./test/e2e/... -count=1 -timeout 3h -v $(TESTFLAGS)

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

.PHONY: dist
dist: manifests $(KUSTOMIZE) ## Write dist/install.yaml: everything for kubectl apply -f, with the image of VERSION.
	@mkdir -p dist
	hack/overlay.sh $(IMAGE_BASE):$(VERSION) $(KUSTOMIZE) build >dist/install.yaml

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
