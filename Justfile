# Thin names for the commands in README.md; each recipe is what you would type without just.

default:
    @just --list

# Check and compare the Rust servers in under a minute: `just bench`, `just bench --profile vm-2core`
bench *ARGS:
    cargo run --release --locked -- bench {{ARGS}}

# Check entries (or any server: `just conform --url http://127.0.0.1:8080`) against the spec
conform *ARGS:
    cargo run --release --locked -- conform {{ARGS}}

# Bench entries in containers: `just bench-containers --impl python-stdlib`
bench-containers *ARGS:
    cargo run --release --locked --features containers -- bench --isolation container {{ARGS}}

# Put load on any server: `just load http://127.0.0.1:8080/ -c 64 -d 10s`
load *ARGS:
    cargo run --release --locked -- load {{ARGS}}

# Print a record again: `just report runs/<run>`
report *ARGS:
    cargo run --release --locked -- report {{ARGS}}

# Compare servers whose truth is known, where nothing else runs: `just prove --planted rust-hyper,rust-std`
prove *ARGS:
    cargo run --release --locked -- prove {{ARGS}}

# All tests, several programs at a time: `just test`, or some programs: `just test command verbs`
test *NAMES:
    .ci/tests {{NAMES}}
    .ci/own-tests

# All tests of all entries; where they pass, CI leaves out what stays as it is
test-entries:
    cargo test --workspace --locked --test snapshots --test faults --test database_clients
    .ci/own-tests
    .ci/entries --write

# The load generator against its peers and against a loop that parses nothing
bench-loadgen *ARGS:
    cargo bench --locked -p httpdyno-loadgen --bench loadgen -- {{ARGS}}

# Criterion benches of the hot paths
bench-hot-paths:
    cargo bench --locked -p httpdyno-wire -p httpdyno-stats

# What endpoints are made of, beside the served requests of a record: `just bench-components runs/<run>`
bench-components RECORD *ARGS:
    cargo bench --locked -p rust-actix -p rust-axum -p rust-hyper -p rust-may -p rust-std --bench components -- {{ARGS}}
    cargo run --release --locked -- components --record {{RECORD}}

# The folder of a new implementation: `just new go-fiber --language go`
new *ARGS:
    cargo run --release --locked -- new {{ARGS}}

# Write spec/schema/ anew after a change of the spec's types
schema:
    cargo run --locked -- schema --write

# What CI checks beside the tests
lint:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets --locked --features rust-hyper/planted,rust-std/planted -- -D warnings
    cargo run --locked -- schema

# A whole bench in containers, harness and PostgreSQL included: `just docker-bench --impl go-nethttp`
docker-bench *ARGS:
    docker/bench.sh {{ARGS}}

# The image of one entry: `just docker-image go-nethttp`
docker-image ID:
    docker/build.sh implementations/{{ID}}/Dockerfile httpdyno-{{ID}}

# Local base images where no container registry can be reached
docker-bases *ARGS:
    docker/base-images/all.sh {{ARGS}}

# Pin the base images to what the registry has today
docker-pin:
    docker/base-images/pin.sh
