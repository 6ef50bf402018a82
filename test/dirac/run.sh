#!/usr/bin/env bash
# Installs a real DIRAC in an environment of its own and lets it call a node.
#   usage: test/dirac/run.sh [options of pytest]    the checks
#          test/dirac/run.sh --load                 the load of both, side by side, into docs/performance.md
# Needs Python 3.11 with venv, PyPI, a C compiler and the headers of OpenSSL and Python (M2Crypto has no wheel).
set -euo pipefail
cd "$(dirname "$0")/../.."
here=test/dirac

lacks() {
  echo "test:dirac needs $1" >&2
  exit 1
}
python=${PYTHON:-$(command -v python3.11 || command -v python3 || true)}
[ -n "$python" ] || lacks 'Python 3.11: apt-get install python3'
"$python" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' || lacks "Python 3.11; this is $("$python" -V)"
"$python" -c 'import ensurepip, venv' 2>/dev/null || lacks 'the venv module of Python: apt-get install python3-venv'

pins=$here/requirements.txt
stamp=$("$python" -V | cat - "$pins" "$0" | sha256sum | cut -c1-12)
environment=${XDG_CACHE_HOME:-$HOME/.cache}/dhn/test-dirac-$stamp
if [ ! -e "$environment/complete" ]; then
  [ -e /usr/include/openssl/ssl.h ] || lacks 'the headers of OpenSSL: apt-get install libssl-dev'
  command -v cc >/dev/null || lacks 'a C compiler: apt-get install gcc'
  echo "installing DIRAC into $environment"
  rm -rf "$environment"
  "$python" -m venv "$environment"
  pip() { "$environment/bin/python" -m pip --quiet --disable-pip-version-check "$@"; }
  # Python's wrapper of swig fails in pip's isolated builds; the program below it doesn't.
  pip install "$(grep '^swig==' "$pins")" || lacks 'PyPI: pip could not install from it'
  swig=$("$environment/bin/python" -c 'import swig, os; print(os.path.dirname(swig.__file__) + "/data")')
  # Without dependencies: DIRAC's own list asks for grid storage libraries that no call needs.
  SWIG_LIB=$(echo "$swig"/share/swig/*) PATH=$swig/bin:$PATH pip install --no-deps -r "$pins"
  touch "$environment/complete"
fi

npm run --silent build
export PYTHONDONTWRITEBYTECODE=1
[ "${1:-}" != --load ] || exec "$environment/bin/python" "$here/load.py"
exec "$environment/bin/python" -m pytest -p no:cacheprovider --rootdir "$here" -q "$@" "$here"
