#!/usr/bin/env bash
# Installs the grid tools of Debian and runs the tests that need them.
#   usage: test/grid/run.sh
# Needs a Debian or Ubuntu machine and root, or the packages already there.
set -euo pipefail
cd "$(dirname "$0")/../.."

packages=(globus-proxy-utils voms-clients)
missing=()
for package in "${packages[@]}"; do
  dpkg -s "$package" >/dev/null 2>&1 || missing+=("$package")
done

if [ ${#missing[@]} -gt 0 ]; then
  command -v apt-get >/dev/null || { echo "test:grid needs ${missing[*]}, and there is no apt-get to install them" >&2; exit 1; }
  [ "$(id -u)" = 0 ] || { echo "test:grid needs ${missing[*]}: run it as root, or install them first" >&2; exit 1; }
  # The daemons that come along must not start on this machine.
  policy=/usr/sbin/policy-rc.d
  if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' > "$policy"
    chmod 755 "$policy"
    trap 'rm -f "$policy"' EXIT
  fi
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"
fi

npx vitest run --config test/grid/vitest.config.ts "$@"
