#!/usr/bin/env bash
# Makes the local image that DEBIAN_IMAGE names from the distribution's package mirror, for networks
# in which no container registry can be reached. Where one can, it is not needed: see README.md.
#
#   docker/base-images/debian.sh [--force]
#
# Needs root, debootstrap and a running Docker engine. Does nothing where the image is there.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

image=$(image DEBIAN_IMAGE)
suite=bookworm
leave_if_there "$image" "${1:-}"
command -v debootstrap >/dev/null || stop "debootstrap is missing: apt-get install debootstrap"

# The mirror that this machine itself uses, so that whatever lets it in lets this script in.
mirror=${DEBIAN_MIRROR:-$(
    grep -hoE 'https?://[^ ]+/debian/?( |$)' /etc/apt/sources.list /etc/apt/sources.list.d/debian.* \
        2>/dev/null | sed -E 's/\/? ?$//' | head -n 1 || true
)}
mirror=${mirror:-http://deb.debian.org/debian}
# Security updates lie beside the archive on every mirror that has both.
security=${DEBIAN_SECURITY_MIRROR:-$mirror-security}

root=$scratch/root
mkdir "$root"
debootstrap --variant=minbase --include=ca-certificates "$suite" "$root" "$mirror" >/dev/null

cat >"$root/etc/apt/sources.list" <<SOURCES
deb $mirror $suite main
deb $mirror $suite-updates main
deb $security $suite-security main
SOURCES
# Certificates that this machine trusts beyond the distribution's, e.g. a company's.
cp -L "$bundle" "$root$bundle"
# A proxy that the machine's own apt needs.
apt-config dump 2>/dev/null | grep -E '^Acquire::https?::Proxy' >"$root/etc/apt/apt.conf.d/90proxy" ||
    rm -f "$root/etc/apt/apt.conf.d/90proxy"
# What makes the image slim, as in the official one: no documentation, no package lists.
cat >"$root/etc/dpkg/dpkg.cfg.d/slim" <<'SLIM'
path-exclude /usr/share/doc/*
path-include /usr/share/doc/*/copyright
path-exclude /usr/share/man/*
path-exclude /usr/share/locale/*
SLIM
find "$root/usr/share/doc" -type f ! -name copyright -delete
rm -rf "$root"/usr/share/man/* "$root"/usr/share/locale/* "$root"/var/cache/apt/*.bin \
    "$root"/var/cache/apt/archives/*.deb "$root"/var/lib/apt/lists/* "$root"/var/log/*.log

# No further names of the bundle here: languages add theirs.
# shellcheck disable=SC2119
settings=$(network_lines | grep "^ENV")
changes=(--change "LABEL $base_label=debootstrap" --change 'CMD ["bash"]')
while IFS= read -r line; do
    changes+=(--change "$line")
done <<<"$settings"
tar --numeric-owner -C "$root" -c . | docker import "${changes[@]}" - "$image" >/dev/null
echo "made $image from $mirror"
