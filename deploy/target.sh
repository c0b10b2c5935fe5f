# To be sourced from the project's folder: chooses cargo's target folder, outside the clone so that a fresh clone does not
# compile 600 libraries again. Cargo tells by time stamps what to rebuild; those say nothing about another clone's files, so
# a clone that was not the last to build here makes its own sources new.
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/rollcall/target}"
mkdir -p "$CARGO_TARGET_DIR"
if [ "$(cat "$CARGO_TARGET_DIR/.clone" 2>/dev/null)" != "$PWD" ]; then
  find backend tests/suite migrations frontend/dist -type f -exec touch {} + 2>/dev/null || true
  echo "$PWD" >"$CARGO_TARGET_DIR/.clone"
fi
