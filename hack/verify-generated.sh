#!/usr/bin/env bash
# Generates everything again in a copy of the tree and fails where the result differs from what is there.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

generated=(api config/crd/bases docs/conditions.md docs/rules docs/report.schema.json scorecard/checks
  bundle bundle.Dockerfile catalog/notebook-validator-operator dist)
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
tar -cf - go.mod go.sum Makefile api catalog config hack docs internal scorecard | tar -xf - -C "$copy"

# A file that is no longer generated must not pass as current.
rm -rf "$copy"/config/crd/bases "$copy"/api/*/zz_generated.* "$copy"/docs/conditions.md "$copy"/docs/rules/README.md "$copy"/docs/report.schema.json \
  "$copy"/scorecard/checks/zz_generated.* "$copy"/scorecard/checks/conditions.md "$copy"/catalog/notebook-validator-operator
if ! log=$(make --no-print-directory -C "$copy" generate catalog dist 2>&1); then
  echo "$log" >&2
  exit 1
fi

drifted=0
for path in "${generated[@]}"; do
  diff -ruN "$path" "$copy/$path" || drifted=1
done
if [ "$drifted" -ne 0 ]; then
  echo "Generated files differ from their sources (- is the tree, + is what is generated): run \`make generate catalog dist\`." >&2
  exit 1
fi
echo "generated files are current"
