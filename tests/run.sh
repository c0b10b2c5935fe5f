#!/usr/bin/env bash
# The test command: everything, from a clean Debian 12 with Rust and Node.
#   tests/run.sh          all suites
#   tests/run.sh --fast   Rust tests and the quick part of the API suite
# Installs what is missing, asks nothing, skips what is already done, ends with a non-zero code if anything failed.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1

fast=false
case "${1:-}" in
  '') ;;
  --fast) fast=true ;;
  *) sed -n '2,5s/^# //p' "$0"; exit 2 ;;
esac

cache="${XDG_CACHE_HOME:-$HOME/.cache}/rollcall"
# shellcheck source=deploy/target.sh
. deploy/target.sh
export CHROMIUM="${CHROMIUM:-/usr/bin/chromium}" NO_PROXY=127.0.0.1,localhost no_proxy=127.0.0.1,localhost
export PIP_DISABLE_PIP_VERSION_CHECK=1 DEBIAN_FRONTEND=noninteractive
binary="$CARGO_TARGET_DIR/release/rollcall"
python="$cache/venv/bin/python"
mkdir -p "$cache"

# --- Headings, timings, verdicts --------------------------------------------------------------------------------------
started=$SECONDS failed=() summary=()

heading() { printf '\n=== %s\n' "$1"; }

# step TITLE COMMAND...: runs it, remembers how it ended, goes on.
step() {
  local title=$1 from=$SECONDS verdict=ok
  shift
  heading "$title"
  "$@" || { verdict=FAILED; failed+=("$title"); }
  summary+=("$(printf '%-8s %5d s   %s' "$verdict" $((SECONDS - from)) "$title")")
  printf -- '--- %s: %s, %d s\n' "$title" "$verdict" $((SECONDS - from))
  [ "$verdict" = ok ]
}

# need TITLE COMMAND...: nothing that follows makes sense without it.
need() { step "$@" || finish; }

finish() {
  trap - EXIT INT TERM
  stop_postgres
  heading "Result after $((SECONDS - started)) s"
  printf '%s\n' "${summary[@]}"
  [ ${#failed[@]} -eq 0 ] && { echo "All passed."; exit 0; }
  printf 'FAILED: %s\n' "${failed[@]}"
  exit 1
}

interrupted() {
  failed+=("interrupted")
  finish
}

postgres_folder=''
stop_postgres() {
  [ -n "$postgres_folder" ] && tests/postgres.sh stop "$postgres_folder" && rm -rf "$postgres_folder"
  postgres_folder=''
}
trap interrupted INT TERM
trap 'stop_postgres' EXIT

# --- What is needed ---------------------------------------------------------------------------------------------------
packages() {
  local missing=()
  command -v cc >/dev/null || missing+=(gcc libc6-dev)
  $fast || command -v c++ >/dev/null || missing+=(g++)
  python3 -c 'import ensurepip, venv' 2>/dev/null || missing+=(python3 python3-venv)
  [ -x /usr/lib/postgresql/15/bin/initdb ] || missing+=(postgresql-15)
  if ! $fast; then
    [ -x "$CHROMIUM" ] || missing+=(chromium)
    [ -d /usr/share/fonts/truetype/dejavu ] || missing+=(fonts-dejavu-core)
  fi
  [ ${#missing[@]} -eq 0 ] && return 0
  echo "Installing ${missing[*]}"
  local as_root=()
  [ "$(id -u)" = 0 ] || as_root=(sudo)
  "${as_root[@]}" apt-get update -qq
  "${as_root[@]}" apt-get install -qq -y --no-install-recommends "${missing[@]}" >/dev/null
}

tools() {
  local tool
  for tool in cargo rustfmt node npm git; do
    command -v "$tool" >/dev/null || { echo "$tool is missing; README.md says which version."; return 1; }
  done
  packages
}

python_packages() {
  local stamp
  stamp=$(python3 --version | cat - tests/requirements.txt | sha256sum | cut -d' ' -f1)
  [ "$(cat "$cache/venv/.installed" 2>/dev/null)" = "$stamp" ] && return 0
  rm -rf "$cache/venv"
  python3 -m venv "$cache/venv" && "$python" -m pip install --quiet --requirement tests/requirements.txt && echo "$stamp" >"$cache/venv/.installed"
}

page() { deploy/npm-ci.sh frontend && npm --prefix frontend run --silent build; }

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

start_postgres() {
  local folder
  folder=$(mktemp -d /tmp/rollcall-postgres.XXXXXX) && chmod 755 "$folder" || return 1 # user postgres has to reach it
  ROLLCALL_TEST_POSTGRES_URL=$(tests/postgres.sh start "$folder" "$(free_port)") || { rm -rf "$folder"; return 1; }
  postgres_folder=$folder
  export ROLLCALL_TEST_POSTGRES_URL
  echo "$ROLLCALL_TEST_POSTGRES_URL"
}

# --- Suites -----------------------------------------------------------------------------------------------------------
page_tests() { npm --prefix frontend run --silent typecheck && npm --prefix frontend run --silent test; }

# Prints what is generated beside what is committed; they must be the same.
generated() {
  local printed
  printed=$(mktemp -d) || return 1
  "$binary" openapi >"$printed/openapi.json" && "$binary" config >"$printed/rollcall.toml" && "$binary" reference >"$printed/rules.md" &&
    diff --unified --recursive openapi "$printed" && git diff --exit-code --stat -- openapi
  local same=$?
  rm -rf "$printed"
  [ "$same" -eq 0 ] || echo "Print them again: rollcall openapi >openapi/openapi.json; rollcall config >openapi/rollcall.toml; rollcall reference >openapi/rules.md; then commit."
  return "$same"
}

browser() { deploy/npm-ci.sh tests/browser && npm --prefix tests/browser --silent test; }

sdks() { deploy/npm-ci.sh tests/sdk-node && "$python" -m pytest -c tests/pytest.ini tests/sdk; }

need "Tools and system packages" tools
need "Python packages" python_packages
need "Page" page
$fast || step "Page: types and unit tests" page_tests
need "Server" cargo build --release --locked --bin rollcall
if $fast; then
  step "Rust tests" cargo test --release --locked --workspace --lib --bins
  step "API, the quick part" "$python" -m pytest -c tests/pytest.ini -m quick tests/api
  finish
fi
step "Rust formatting" cargo fmt --all --check
step "Clippy" cargo clippy --release --locked --workspace --all-targets -- --deny warnings
step "PostgreSQL" start_postgres
step "Rust tests" cargo test --release --locked --workspace --no-fail-fast
step "Fuzzing the parsers" tests/fuzz/run.sh 20
step "Generated files" generated
step "API" "$python" -m pytest -c tests/pytest.ini tests/api
step "Crashes" "$python" -m pytest -c tests/pytest.ini tests/crash
step "Tracking SDKs" sdks
step "Browser" browser
finish
