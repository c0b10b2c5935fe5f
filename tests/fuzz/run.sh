#!/usr/bin/env bash
# Feeds the parsers of the rule language whatever reaches new code: no panic, no hang, bounded memory.
#   tests/fuzz/run.sh [seconds for each target, 20 by default]
# Needs nothing but the usual toolchain and a C++ compiler. What it learns stays outside the clone, beside the target folder;
# an input that fails is printed and kept there.
set -euo pipefail
cd "$(dirname "$0")"

seconds=${1:-20}
cache="${XDG_CACHE_HOME:-$HOME/.cache}/rollcall/fuzz"
export CARGO_TARGET_DIR="$cache/target"
# The compiler's own coverage pass, as libFuzzer expects it. The triple is named so that build scripts are left alone.
export RUSTFLAGS="-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
-Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
-Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=1"
triple=$(rustc -vV | sed -n 's/^host: //p')
cargo build --release --locked --quiet --target "$triple"

status=0
for target in json text; do
  mkdir -p "$cache/learnt/$target" "$cache/failed/$target"
  echo "$target: $(find "corpus/$target" -type f | wc -l) seeds, $seconds s"
  # Without the dictionary that libFuzzer recommends at the end.
  "$CARGO_TARGET_DIR/$triple/release/$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=1024 -max_len=4096 \
    -verbosity=0 -print_final_stats=1 -artifact_prefix="$cache/failed/$target/" "$cache/learnt/$target" "corpus/$target" 2>&1 |
    grep --invert-match -e ' # Uses: ' -e 'ecommended dictionary' || status=1
done
exit "$status"
