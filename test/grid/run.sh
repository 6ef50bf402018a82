#!/usr/bin/env bash
# Installs the grid tools of Debian and runs the tests that need them.
#   usage: test/grid/run.sh
# Needs a Debian or Ubuntu machine and root, or the packages already there.
set -euo pipefail
cd "$(dirname "$0")/../.."

. test/support/install-debian.sh
install_debian test:grid globus-proxy-utils voms-clients curl
npx vitest run --config test/grid/vitest.config.ts "$@"
