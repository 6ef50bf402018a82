#!/usr/bin/env bash
# Installs nginx and haproxy of Debian and runs the tests of hostile HTTP.
#   usage: test/http/run.sh
# Needs a Debian or Ubuntu machine and root, or the packages already there.
set -euo pipefail
cd "$(dirname "$0")/../.."

. test/support/install-debian.sh
install_debian test:http nginx-light haproxy
npx vitest run --config test/http/vitest.config.ts "$@"
