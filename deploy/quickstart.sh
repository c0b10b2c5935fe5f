#!/usr/bin/env bash
# From a clone to a running Rollcall with demo data, on Debian 12 with Rust and Node.
set -euo pipefail
cd "$(dirname "$0")/.."

usage() {
  cat <<'TEXT'
Usage: deploy/quickstart.sh [--background] [--port PORT] [--data-dir DIR]

Builds the page and the server, loads demo data if DIR (default: data) is empty, and starts Rollcall on
http://127.0.0.1:PORT (default: 8080). Ctrl-C stops it; with --background it goes on after this script ends.
TEXT
}

fail() {
  printf '\n%s\n' "$*" >&2
  exit 1
}

background=false port=8080 data_dir=data
while [ $# -gt 0 ]; do
  case "$1" in
    --background) background=true ;;
    --port) port="${2:?--port needs a number}"; shift ;;
    --data-dir) data_dir="${2:?--data-dir needs a folder}"; shift ;;
    -h | --help) usage; exit 0 ;;
    *) usage >&2; fail "Unknown option: $1" ;;
  esac
  shift
done
case "$port" in
  '' | *[!0-9]*) fail "--port needs a number, not \"$port\"." ;;
esac
address="127.0.0.1:$port"
url="http://$address"
# shellcheck source=deploy/target.sh
. deploy/target.sh
binary="$CARGO_TARGET_DIR/release/rollcall"

listening() { (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; }

if listening; then
  fail "Port $port is in use. Stop what listens there (see: ss -ltnp 'sport = :$port'), or choose another:
  deploy/quickstart.sh --port $((port + 1))"
fi

# --- Tools ---------------------------------------------------------------------------------------------------------
command -v cargo >/dev/null || fail "Rust is missing. Install the toolchain named in Cargo.toml (rust-version), then run this again."
for tool in node npm; do
  command -v "$tool" >/dev/null || fail "$tool is missing: Node.js 20.19 or newer, with npm, is needed to build the page."
done
node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' ||
  fail "Node.js $(node --version) is too old: 20.19 or newer is needed to build the page."
wanted_rust=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
have_rust=$(rustc --version | cut -d' ' -f2)
[ "$(printf '%s\n' "$wanted_rust" "$have_rust" | sort -V | head -n 1)" = "$wanted_rust" ] ||
  fail "Rust $have_rust is too old: $wanted_rust or newer is needed."
if ! command -v cc >/dev/null; then
  echo "A C compiler is needed for SQLite, zstd and ring: installing gcc."
  as_root=()
  [ "$(id -u)" = 0 ] || as_root=(sudo)
  "${as_root[@]}" apt-get update -q || true
  "${as_root[@]}" apt-get install -q -y --no-install-recommends gcc libc6-dev ||
    fail "gcc could not be installed. Install a C compiler, then run this again."
fi

# --- Build ---------------------------------------------------------------------------------------------------------
echo "1/3  Building the page"
deploy/npm-ci.sh frontend
npm --prefix frontend run --silent build -- --logLevel warn

echo "2/3  ($SECONDS s) Building the server (the first time takes a while: about 600 libraries)"
cargo build --release --locked --bin rollcall

# --- Data and start ------------------------------------------------------------------------------------------------
mkdir -p "$data_dir"
data_dir=$(cd "$data_dir" && pwd)
if [ -z "$(ls -A "$data_dir")" ]; then
  echo "3/3  ($SECONDS s) Loading the demo organisation into $data_dir"
  # Beside it first: a load that was cut off must not look like data.
  rm -rf "$data_dir.loading"
  "$binary" demo --data-dir "$data_dir.loading" || fail "Loading the demo failed."
  rmdir "$data_dir"
  mv "$data_dir.loading" "$data_dir"
else
  echo "3/3  Using the data in $data_dir"
fi

export ROLLCALL_DATA_DIR="$data_dir" ROLLCALL_LISTEN="$address" ROLLCALL_PUBLIC_URL="$url"
log="$data_dir/rollcall.log"
if $background; then
  nohup "$binary" serve >>"$log" 2>&1 </dev/null &
else
  "$binary" serve &
fi
server=$!
trap 'kill -TERM "$server" 2>/dev/null; wait "$server" 2>/dev/null; exit 130' INT TERM

ready() { node -e 'fetch(process.argv[1], { signal: AbortSignal.timeout(1000) }).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))' "$url/readyz"; }

for _ in $(seq 300); do
  if ! kill -0 "$server" 2>/dev/null; then
    wait "$server" && rc=0 || rc=$?
    $background && tail -n 20 "$log" >&2
    fail "The server ended with exit code $rc before it was ready."
  fi
  ready && break
  sleep 0.2
done
ready || { kill -TERM "$server"; fail "The server does not answer on $url after a minute."; }

cat <<TEXT

Rollcall is running:  $url

  Sign in as       admin@demo.example      everything
                   marketer@demo.example   segments, lists, campaigns
                   auditor@demo.example    read-only, recounts, pseudonymous
  Password         rollcall-demo

  Three things to try
  1. As the marketer, open a segment, change a number in its rule and watch every line count while you type.
  2. Take its list with the consent that the purpose needs, and see in the waterfall who was dropped and why.
  3. As the auditor, recount it from the raw events: a second engine, the same digest.

  The program is $binary
  (add it to the PATH for the commands of README.md: export PATH="$(dirname "$binary"):\$PATH")

TEXT
if $background; then
  echo "$server" >"$data_dir/rollcall.pid"
  echo "It goes on in the background. Log: $log    Stop it with: kill $server"
  trap - INT TERM
else
  echo "Ctrl-C stops it."
  wait "$server"
fi
