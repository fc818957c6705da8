#!/usr/bin/env bash
# Builds every kustomization that users apply and checks the rules that the operator's manifests keep.
# usage: hack/verify-manifests.sh KUSTOMIZE
set -euo pipefail
kustomize=${1:?usage: hack/verify-manifests.sh KUSTOMIZE}
cd "$(dirname "${BASH_SOURCE[0]}")/.."

"$kustomize" build config/crd >/dev/null
for folder in samples prometheus shipwright shipwright/privileged; do
  "$kustomize" build "config/$folder" >/dev/null
done
"$kustomize" build config/default | go run ./hack/manifests
# A digest, a tag that YAML would take for a number, and no tag at all.
for image in registry.example.com:5000/team/validator@sha256:$(printf 'a%.0s' {1..64}) registry.example.com/validator:1; do
  hack/overlay.sh "$image" "$kustomize" build | go run ./hack/manifests -image "$image"
done
hack/overlay.sh registry.example.com:5000/validator "$kustomize" build |
  go run ./hack/manifests -image registry.example.com:5000/validator:latest
# What is shipped in one file runs the image of the release, whose name and version stand in the Makefile.
release=$(make --no-print-directory --silent -f - print-release <<<'include Makefile
print-release: ; @echo $(IMAGE_BASE):$(VERSION)')
go run ./hack/manifests -image "$release" <dist/install.yaml
