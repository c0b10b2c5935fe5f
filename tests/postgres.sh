#!/bin/sh
# A throw-away PostgreSQL for tests: loopback only, no passwords, no fsync. Never for real data.
#   postgres.sh start DIR PORT   makes a cluster in DIR (which must not hold one), starts it, prints its URL
#   postgres.sh stop DIR         stops it and deletes what start made
# As root, the server runs as user postgres, so every folder above DIR must be searchable by that user.
set -eu

binaries=${ROLLCALL_POSTGRES_BIN:-$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)}
[ -x "$binaries/pg_ctl" ] || { echo "postgres.sh: no PostgreSQL server in '$binaries'" >&2; exit 1; }

as_postgres() {
    if [ "$(id -u)" -eq 0 ]; then (cd / && runuser -u postgres -- "$@"); else "$@"; fi
}

start() {
    mkdir -p "$1"
    folder=$(cd "$1" && pwd -P)
    port=$2
    [ ! -e "$folder/data" ] || { echo "postgres.sh: $folder holds a cluster already" >&2; exit 1; }
    [ "$(id -u)" -ne 0 ] || chown postgres "$folder"
    as_postgres test -w "$folder" || { echo "postgres.sh: user postgres cannot reach $folder" >&2; exit 1; }
    as_postgres "$binaries/initdb" --pgdata="$folder/data" --username=postgres --auth=trust --encoding=UTF8 \
        --locale=C.UTF-8 --no-sync >"$folder/initdb.log" 2>&1 || { cat "$folder/initdb.log" >&2; exit 1; }
    as_postgres "$binaries/pg_ctl" start --wait --timeout=60 --silent --pgdata="$folder/data" --log="$folder/server.log" \
        --options="-c listen_addresses=127.0.0.1 -c port=$port -c unix_socket_directories='$folder' -c fsync=off \
-c full_page_writes=off -c synchronous_commit=off -c max_connections=200" >/dev/null \
        || { cat "$folder/server.log" >&2; exit 1; }
    echo "postgres://postgres@127.0.0.1:$port/postgres"
}

stop() {
    folder=$(cd "$1" && pwd -P)
    [ -e "$folder/data/PG_VERSION" ] || { echo "postgres.sh: no cluster in $folder" >&2; exit 1; }
    as_postgres "$binaries/pg_ctl" stop --wait --mode=immediate --silent --pgdata="$folder/data"
    rm -rf "$folder/data" "$folder/initdb.log" "$folder/server.log"
}

case "${1-} $#" in
    "start 3") start "$2" "$3" ;;
    "stop 2") stop "$2" ;;
    *) echo "usage: postgres.sh start DIR PORT | stop DIR" >&2; exit 2 ;;
esac
