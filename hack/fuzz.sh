#!/usr/bin/env bash
# Runs every fuzz target of the module for the given time, one after the other, because go test takes one at a time, and
# then the analysis of sources, which is Python, on mutated ones.
# usage: hack/fuzz.sh TIME
set -euo pipefail
time=${1:?usage: hack/fuzz.sh TIME, for example 20s}
found=0
while read -r package dir; do
  while read -r target; do
    found=$((found + 1))
    echo "== $package $target"
    # Coverage differs from run to run where maps are ranged over; go would spend a minute on each input to make it smaller.
    go test -run '^$' -fuzz "^$target\$" -fuzztime "$time" -fuzzminimizetime 20x "$package" </dev/null
  done < <(find "$dir" -maxdepth 1 -name '*_test.go' -exec sed -nE 's/^func (Fuzz[A-Za-z0-9_]*)\(.*/\1/p' {} +)
done < <(go list -f '{{if or .TestGoFiles .XTestGoFiles}}{{.ImportPath}} {{.Dir}}{{end}}' ./...)
[ "$found" -gt 0 ]
echo "== mutated sources"
NBV_FUZZTIME=$time go test ./internal/runner -count=1 -timeout 0 -v -run '^TestAnalysisOfMutatedSources$' </dev/null
echo "$found fuzz targets and the mutated sources passed"
