#!/bin/sh
# Initialises PGDATA at the first start, as the official image does with POSTGRES_USER and
# POSTGRES_PASSWORD, and becomes the command.
set -eu
if [ "${1:-}" = postgres ] && [ ! -s "$PGDATA/PG_VERSION" ]; then
    file=$(mktemp)
    printf '%s\n' "${POSTGRES_PASSWORD:?set it to the password of POSTGRES_USER}" >"$file"
    initdb --username="${POSTGRES_USER:-postgres}" --pwfile="$file" --auth-local=trust \
        --auth-host=scram-sha-256 --encoding=UTF8 --locale=C --no-sync >/dev/null
    rm -f "$file"
    # Everybody who can reach the port, with a password.
    printf 'host all all all scram-sha-256\n' >>"$PGDATA/pg_hba.conf"
    printf "listen_addresses = '*'\n" >>"$PGDATA/postgresql.conf"
fi
exec "$@"
