#!/usr/bin/env bash
# Runs a command on config/default with another image. The image is set in two places, the container and the variable
# OPERATOR_IMAGE, because the pods that the operator makes run the same image.
# usage: hack/overlay.sh IMAGE COMMAND...      for example: hack/overlay.sh example.com/validator:v1 kubectl apply -k
set -euo pipefail
image=${1:?usage: hack/overlay.sh IMAGE COMMAND...}
shift
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
overlay=$(cd "$(mktemp -d)" && pwd -P)
trap 'rm -rf "$overlay"' EXIT

name=${image%%@*}
tag=""
if [ "$name" != "$image" ]; then
  version="digest: ${image#*@}"
else
  last=${image##*/}
  [ "${last#*:}" = "$last" ] || tag=${last##*:}
  name=${image%":$tag"}
  version="newTag: \"${tag:-latest}\""
fi
sed -e "s|^  newName: .*|  newName: $name|" -e "s|^  newTag: .*|  $version|" \
  -e "s|^- ../default\$|- $(realpath --relative-to="$overlay" "$root")/config/default|" \
  "$root/config/overlay/kustomization.yaml" >"$overlay/kustomization.yaml"
"$@" "$overlay"
