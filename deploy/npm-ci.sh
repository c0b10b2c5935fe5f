#!/usr/bin/env bash
# Installs a folder's npm packages exactly as its lock file says; does nothing if they are there already.
set -euo pipefail
cd "${1:?folder}"
stamp=$(sha256sum package-lock.json | cut -d' ' -f1)
if [ "$(cat node_modules/.installed 2>/dev/null)" != "$stamp" ]; then
  npm ci --no-audit --no-fund --loglevel=error
  echo "$stamp" >node_modules/.installed
fi
