#!/usr/bin/env bash
# Makes sure that the tests find git, xmllint, chromium and a python3 with what runs notebooks and with the libraries that
# the notebooks of the tests use. Where apt and root are there it installs what is missing; elsewhere it says what to
# install and fails.
set -euo pipefail

packages=(git python3 python3-nbclient python3-nbformat python3-ipykernel python3-pip libxml2-utils chromium
  python3-numpy python3-pandas python3-matplotlib python3-sklearn python3-requests)
modules="nbclient, nbformat, ipykernel, numpy, pandas, matplotlib, sklearn, requests"

missing() {
  local program
  for program in git xmllint chromium; do
    command -v "$program" >/dev/null || echo "$program"
  done
  local python
  for python in python3 /usr/bin/python3; do
    if "$python" -c "import $modules" 2>/dev/null; then
      return
    fi
  done
  echo "python3 with the modules $modules"
}

lacking=$(missing)
[ -n "$lacking" ] || exit 0

if command -v apt-get >/dev/null && [ "$(id -u)" -eq 0 ]; then
  echo "installing ${packages[*]}"
  export DEBIAN_FRONTEND=noninteractive
  apt-get -qq -o DPkg::Lock::Timeout=300 update
  apt-get -qq -o DPkg::Lock::Timeout=300 install -y --no-install-recommends "${packages[@]}" >/dev/null
  lacking=$(missing)
  [ -n "$lacking" ] || exit 0
fi

{
  echo "The tests need, and did not find:"
  sed 's/^/  - /' <<<"$lacking"
  echo "On Debian and Ubuntu: apt-get install ${packages[*]}"
  echo "Elsewhere: install git, xmllint (libxml2), Chromium as chromium, and Python 3.9 or later with: python3 -m pip install nbclient nbformat ipykernel numpy pandas matplotlib scikit-learn requests"
} >&2
exit 1
