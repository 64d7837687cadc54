#!/usr/bin/env bash
# Prints the path of a Python that has Helm's own code as a library, from a cache outside of the checkout that is filled
# on the first call. Python 3.10 or newer and pip, as this machine has configured it, are needed.
set -euo pipefail
version=0.2.2
cache=${XDG_CACHE_HOME:-$HOME/.cache}/rollback-operator/helm-python-sdk-$version
if [ ! -x "$cache/bin/python" ]; then
  # Two calls at once each make their own; the first to be whole is kept.
  mkdir -p "$(dirname "$cache")"
  fresh=$(mktemp -d "$cache.XXXXXX")
  trap 'rm -rf "$fresh"' EXIT
  python3 -m venv "$fresh"
  "$fresh/bin/python" -m pip install --quiet "helm-python-sdk==$version" >&2
  mv -T "$fresh" "$cache" 2>/dev/null || [ -x "$cache/bin/python" ]
fi
echo "$cache/bin/python"
