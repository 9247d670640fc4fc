#!/usr/bin/env bash
# Runs a whole bench in containers: PostgreSQL, the harness and one entry at a time.
#
#   docker/bench.sh [OPTIONS OF httpdyno bench]
#   docker/bench.sh --check      only whether Docker Compose takes the file
#
# Needs a Docker engine and Docker Compose, nothing else. DATABASE_CORES (e.g. 3) gives PostgreSQL
# cores of its own, RESULTS (default: runs) is where the record is put.
set -euo pipefail
cd "$(dirname "$0")/.."

if docker compose version >/dev/null 2>&1; then
    compose=(docker compose)
elif command -v docker-compose >/dev/null; then
    compose=(docker-compose)
else
    echo "neither \`docker compose\` nor docker-compose is installed" >&2
    exit 2
fi
compose+=(--project-name "httpdyno-$$" --file docker/compose.yaml)

# What docker/base-images/build-args.sh says of PostgreSQL.
POSTGRES_IMAGE=$(docker/base-images/build-args.sh | sed -n 's/^POSTGRES_IMAGE=//p')
REPOSITORY=$PWD
RESULTS=$(realpath --canonicalize-missing "${RESULTS:-runs}")
DATABASE_PASSWORD=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
# A port that nobody listens on.
while
    DATABASE_PORT=$((20000 + RANDOM % 10000))
    (: <"/dev/tcp/127.0.0.1/$DATABASE_PORT") 2>/dev/null
do :; done
export POSTGRES_IMAGE REPOSITORY RESULTS DATABASE_PASSWORD DATABASE_PORT

if [ "${1:-}" = --check ]; then
    exec "${compose[@]}" config --quiet
fi
docker/build.sh docker/harness/Dockerfile httpdyno

clean_up() {
    "${compose[@]}" down --volumes >/dev/null 2>&1
    # The harness ran as root; the record belongs to whoever asked for it.
    [ "$(id -u)" -eq 0 ] || docker run --rm --volume "$RESULTS:/results" --entrypoint find httpdyno \
        /results -uid 0 -exec chown "$(id -u):$(id -g)" {} +
}
mkdir -p "$RESULTS"
trap clean_up EXIT
"${compose[@]}" run --rm bench bench --isolation container --results /results \
    --database "postgres://httpdyno:$DATABASE_PASSWORD@127.0.0.1:$DATABASE_PORT/postgres" "$@"
