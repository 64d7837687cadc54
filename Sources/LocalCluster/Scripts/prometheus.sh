#!/usr/bin/env bash
# Prints the folder that holds prometheus and promtool, and fetches them first if need be.
#
#   prometheus.sh                      the folder's path goes to standard output, everything else to standard error
#   prometheus.sh --check              checks the cache and fetches nothing; fails when it is not whole
#
#   PROMETHEUS_BIN=folder              takes these binaries instead; nothing is fetched
#
# They are those of Debian bookworm's package, through this machine's own apt as it is configured. The package is
# unpacked into the cache, not installed, and no root is needed; of the system it needs the C library alone.
set -euo pipefail
export LC_ALL=C

readonly version=2.42
readonly recipe=1 # counts up whenever what this script keeps changes
readonly required=(prometheus promtool)
readonly own_binaries="set PROMETHEUS_BIN to a folder with ${required[*]}"

# shellcheck source=debian-packages.sh
source "$(dirname "$0")/debian-packages.sh"
destination=$cache/prometheus-$version-$recipe
work=$destination.work

if [[ -n ${PROMETHEUS_BIN:-} ]]; then
  [[ -x $PROMETHEUS_BIN/prometheus ]] || die "PROMETHEUS_BIN=$PROMETHEUS_BIN has no executable prometheus"
  (cd "$PROMETHEUS_BIN" && pwd)
  exit 0
fi

mode=${1:-}
case $mode in
'' | --check) ;;
*) sed -n '2,7s/^# \{0,1\}//p' "$0" >&2 && exit 2 ;;
esac
finish() {
  echo "$destination"
  exit 0
}
if is_whole "$destination"; then finish; fi
[[ $mode != --check ]] || die "$destination is missing or damaged"
needs_debian
lock_cache "$cache/prometheus.lock" Prometheus
if is_whole "$destination"; then finish; fi

say "Prometheus $version is unpacked from Debian's package into $destination."
mkdir -p "$work"
find_mirrors
use_suite bookworm "$main_mirror" bookworm ${security_mirror:+"$security_mirror" bookworm-security}
step "reading Debian's package lists (bookworm)" apt bookworm apt-get --quiet update
step "downloading Prometheus" unpack bookworm "$work/bookworm" prometheus
mkdir -p "$work/result"
cp "$work"/bookworm/usr/bin/{prometheus,promtool} "$work/result/"
"$work/result/prometheus" --version >&2 || die "the prometheus of Debian's package does not run on this machine; $own_binaries"
(cd "$work/result" && sha256sum -- * >manifest.sha256)
rm -rf "$destination"
mv "$work/result" "$destination"
rm -rf "$work"
say "done after $((SECONDS - started)) s"
finish
