# Sourced by the scripts beside it: running steps that say what they do, and fetching Debian's packages through this
# machine's own apt, as it is configured, without installing them.
#
# The script that sources it has set `work`, a folder for what is thrown away in the end, and `own_binaries`, a phrase
# that says how to give it other binaries. bash, with `set -euo pipefail`.

readonly heartbeat_seconds=15
readonly keyring=/usr/share/keyrings/debian-archive-keyring.gpg

cache=${XDG_CACHE_HOME:-$HOME/.cache}/rollback-operator
started=$SECONDS

say() { printf '%s  %s\n' "$(date +%H:%M:%S)" "$*" >&2; }
die() { printf '%s: %s\n' "$(basename "$0" .sh)" "$*" >&2; exit 1; }

# Each command below runs in a process group of its own, so that Ctrl-C ends all of it.
set -m
job=
stop_job() { [[ -z $job ]] || kill -TERM -- "-$job" 2>/dev/null || true; }
trap stop_job EXIT
trap 'exit 130' INT TERM HUP

# Runs a command with its output in a log file and says every few seconds that it is still at work; a failure shows the
# end of the log. The status is left in `step_status`, not returned: bash would ignore `set -e` inside the command if
# this function were called in a condition.
try_step() { # what, command...
  local what=$1 log=$work/log began=$SECONDS
  shift
  say "$what"
  "$@" >"$log" 2>&1 </dev/null &
  job=$!
  local said=$SECONDS
  while kill -0 "$job" 2>/dev/null; do
    sleep 0.2
    ((SECONDS - said < heartbeat_seconds)) && continue
    said=$SECONDS
    say "  … still at it after $((SECONDS - began)) s ($(wc -l <"$log") lines of output)"
  done
  step_status=0
  wait "$job" || step_status=$?
  job=
  if ((step_status != 0)); then
    say "FAILED: $what"
    tail -n 20 "$log" >&2
  fi
}

step() { # what, command...
  try_step "$@"
  ((step_status == 0)) && return
  die "$1: failed as shown above. Check the network and the configuration of apt and pip, or $own_binaries." \
    "What was done so far is kept: the next run goes on from there."
}

# Whether a folder of the cache holds what its manifest lists.
is_whole() { # folder
  [[ -s $1/manifest.sha256 ]] && (cd "$1" && sha256sum --quiet --check manifest.sha256) >/dev/null 2>&1
}

# Waits until no other run works on the same binaries.
lock_cache() { # lock file, what
  mkdir -p "$cache"
  exec 9>"$1"
  flock --nonblock 9 && return
  say "another run is getting $2; waiting for it"
  until flock --timeout "$heartbeat_seconds" 9; do say "  … still waiting ($((SECONDS - started)) s)"; done
}

needs_debian() {
  [[ $(uname -s) == Linux ]] || die "needs Linux; $own_binaries"
  if ! command -v apt-get >/dev/null || [[ ! -e $keyring ]]; then
    die "needs Debian's apt and its archive keys; elsewhere $own_binaries"
  fi
}

# apt with its own lists and an empty status file: as on a machine with nothing installed, and nothing of the system is
# touched. Works without root.
apt() { # suite, apt command, arguments...
  local suite=$1 command=$2
  shift 2
  "$command" -o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts="$work/apt/$suite.sources" \
    -o Dir::State::lists="$work/apt/$suite.lists" -o Dir::State::status=/dev/null -o Dir::Cache="$work/apt/cache" \
    -o Acquire::Languages=none -o APT::Sandbox::User=root "$@"
}

use_suite() { # suite, (mirror, Debian suite)...
  local suite=$1
  shift
  mkdir -p "$work/apt/$suite.sources" "$work/apt/$suite.lists/partial" "$work/apt/cache/archives/partial"
  printf 'Types: deb deb-src\nURIs: %s\nSuites: %s\nComponents: main\nSigned-By: '"$keyring"'\n\n' "$@" \
    >"$work/apt/$suite.sources/$suite.sources"
}

# Downloads packages and unpacks them side by side; nothing is installed.
unpack() { # suite, folder, package...
  local suite=$1 folder=$2
  shift 2
  rm -rf "$work/debs/$suite"
  mkdir -p "$work/debs/$suite" "$folder"
  cd "$work/debs/$suite"
  apt "$suite" apt-get --quiet download "$@"
  local file
  for file in *.deb; do dpkg -x "$file" "$folder"; done
}

configured_mirrors() {
  apt-get -o Dir::State::lists="$1" indextargets --format '$(REPO_URI)' 'Created-By: Packages' | sed 's#/$##' | sort --unique
}

# Sets `main_mirror` and `security_mirror`, the latter to nothing when there is none.
find_mirrors() {
  local mirrors
  mirrors=$(configured_mirrors /var/lib/apt/lists)
  if [[ -z $mirrors ]]; then # a fresh image has no lists, and apt then names no mirror
    mkdir -p "$work/apt/machine.lists/partial"
    step "asking apt for this machine's mirrors" apt-get --quiet update -o Dir::State::lists="$work/apt/machine.lists" \
      -o Dir::Cache="$work/apt/machine.cache" -o APT::Sandbox::User=root
    mirrors=$(configured_mirrors "$work/apt/machine.lists")
  fi
  main_mirror=$(grep --invert-match security <<<"$mirrors" | grep debian | head -n 1 || true)
  security_mirror=$(grep security <<<"$mirrors" | head -n 1 || true)
  [[ -n $main_mirror ]] || die "apt knows no Debian mirror; add one, or $own_binaries"
}
