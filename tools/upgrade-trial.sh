#!/bin/sh
# tools/upgrade-trial.sh COMMIT: an upgrade from an earlier state of this repository to this one and back, on a pair of gateways.
# The earlier state is checked out and installed in a folder of its own, which is removed afterwards.
set -eu
commit=${1:?the commit to begin from: tools/upgrade-trial.sh COMMIT}
here=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd)
former=$(mktemp -d)
trap 'rm -rf "$former"' EXIT
trap 'exit 1' INT TERM HUP
git clone --quiet --no-checkout "$here" "$former"
git -C "$former" checkout --quiet --detach "$commit"
(cd "$former" && npm install --no-audit --no-fund >&2)
shift
"$here/samog" lab upgrade --former "$former" "$@"
