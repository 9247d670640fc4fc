#!/usr/bin/env bash
# Fuzzes the response parser for SECONDS, with a stable compiler: `harness/wire/fuzz/run.sh 60`.
# (`cargo fuzz run response` does the same with AddressSanitizer, and takes a nightly one; the
# parser has no unsafe code for it to find.)
set -euo pipefail
cd "$(dirname "$0")"
seconds=${1:?how many seconds?}
# libFuzzer is C++.
command -v c++ >/dev/null || { echo "c++ is needed: install g++"; exit 2; }

# What cargo-fuzz passes, without the sanitizer: all of it is stable.
coverage="-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
-Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
-Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=1 --cfg fuzzing -Cdebug-assertions"
host=$(rustc -vV | sed -n 's/^host: //p')
target=${CARGO_TARGET_DIR:-../../../target}/fuzz
mkdir -p "$target/corpus"
# With --target, build scripts are not instrumented.
RUSTFLAGS="$coverage" CARGO_INCREMENTAL=0 \
    cargo build --quiet --release --locked --target "$host" --target-dir "$target"
"$target/$host/release/response" -max_total_time="$seconds" -max_len=4096 -timeout=5 \
    -rss_limit_mb=512 -print_final_stats=1 -artifact_prefix="$target/" "$target/corpus" seeds
