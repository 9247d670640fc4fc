#!/bin/sh
# The steps of every Rust image of this workspace, each a layer that is made again only when what it
# reads has changed. See README.md beside this file.
#
#   build.sh plan REPOSITORY PLAN     manifests, lock file and empty sources: all that decides which
#                                     dependencies are compiled
#   build.sh dependencies PACKAGE ... in a copy of that plan: compiles what PACKAGE depends on
#   build.sh package PACKAGE ...      with the sources copied over it: compiles PACKAGE itself
#
# What stands behind PACKAGE are options for cargo, the same for both.
set -eu

target=/target

compile() {
    package=$1
    shift
    cargo build --release --locked --package "$package" --target-dir "$target" "$@"
}

plan() {
    repository=$1 plan=$2
    mkdir -p "$plan"
    cp "$repository/Cargo.toml" "$repository/Cargo.lock" "$plan"
    mkdir -p "$plan/docker/rust"
    cp "$0" "$plan/docker/rust"
    # Cargo reads the manifests of all members, and wants to see the targets that they name.
    for manifest in "$repository"/harness/*/Cargo.toml "$repository"/implementations/rust-*/Cargo.toml \
        "$repository"/implementations/_shared/rust/Cargo.toml; do
        # An entry that is a workspace of its own decides nothing here.
        ! grep -q '^\[workspace\]' "$manifest" || continue
        from=$(dirname "$manifest")
        to=$plan${from#"$repository"}
        mkdir -p "$to/src" "$to/benches"
        cp "$manifest" "$to"
        [ ! -e "$from/src/lib.rs" ] || echo "//! Nothing yet." >"$to/src/lib.rs"
        [ ! -e "$from/src/main.rs" ] || printf "//! Nothing yet.\nfn main() {}\n" >"$to/src/main.rs"
        for bench in "$from"/benches/*.rs; do
            [ ! -e "$bench" ] || : >"$to/benches/${bench##*/}"
        done
    done
}

# The workspace's own packages were compiled from empty sources. Cargo would take them for fresh where
# the true sources are older than that: without their fingerprints it compiles them.
forget_own_packages() {
    find harness implementations -name Cargo.toml -exec sed -n 's/^name = "\(.*\)"$/\1/p' {} + |
        while read -r package; do
            rm -rf "$target/release/.fingerprint/$package"-*
        done
}

case $1 in
plan) plan "$2" "$3" ;;
dependencies)
    shift
    compile "$@"
    forget_own_packages
    ;;
package)
    shift
    compile "$@"
    ;;
*)
    echo "build.sh knows plan, dependencies and package, not $1" >&2
    exit 2
    ;;
esac
