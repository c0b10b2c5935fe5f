#!/usr/bin/env bash
# Compares Rollcall with what users would pick instead: tests/bench/run.sh --help
# Builds the server if need be and installs the peers (Python packages) beside the tests' own.
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=deploy/target.sh
. deploy/target.sh
cache="${XDG_CACHE_HOME:-$HOME/.cache}/rollcall/bench"
export NO_PROXY=127.0.0.1,localhost no_proxy=127.0.0.1,localhost PIP_DISABLE_PIP_VERSION_CHECK=1
stamp=$(python3 --version | cat - tests/bench/requirements.txt | sha256sum | cut -d' ' -f1)
if [ "$(cat "$cache/.installed" 2>/dev/null)" != "$stamp" ]; then
  rm -rf "$cache"
  python3 -m venv "$cache"
  "$cache/bin/python" -m pip install --quiet --requirement tests/bench/requirements.txt
  echo "$stamp" >"$cache/.installed"
fi
[ -d frontend/dist ] || { deploy/npm-ci.sh frontend && npm --prefix frontend run --silent build; }
cargo build --release --locked --quiet --bin rollcall
exec "$cache/bin/python" tests/bench/compare.py "$@"
