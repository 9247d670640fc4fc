#!/bin/sh
# Starts `ruchy serve` under spec/contract.md: serve.sh FOLDER
#
# It serves all that is in one folder, and nothing else; so FOLDER gets one with a file `plaintext`,
# which tells that it is ready, and with STATIC_DIR's files under `static`.
set -eu
port=${PORT:-8080}
served=$1/served-$port
rm -rf "$served"
mkdir -p "$served/static"
printf 'Hello, World!' >"$served/plaintext"
if [ -d "${STATIC_DIR:-}" ]; then
    # With their times, which Last-Modified tells.
    cp -Rp "$STATIC_DIR/." "$served/static/"
fi
# In this one's place: it is the process that gets SIGTERM, and none is beside it.
exec ruchy serve "$served" --host "${HOST:-127.0.0.1}" --port "$port"
