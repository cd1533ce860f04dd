#!/bin/sh
# Makes this machine able to build, check and test: Debian packages (root or sudo), npm packages, the program itself.
# Adds and changes no apt source. Run again it does only what is missing.
set -eu
cd "$(dirname "$0")/.."

fail() {
  printf 'setup: %s\n' "$1" >&2
  exit 3
}

command -v node >/dev/null 2>&1 || fail 'Node.js is missing. Install Node.js 20.19 or newer, with npm.'
command -v npm >/dev/null 2>&1 || fail 'npm is missing. Install it with Node.js 20.19 or newer.'
node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' ||
  fail "Node.js $(node --version) is too old: 20.19 or newer is needed."

missing=
while read -r package; do
  case $package in '' | '#'*) continue ;; esac
  state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
  [ "$state" = installed ] || missing="$missing $package"
done <scripts/debian-packages.txt
missing=${missing# }

if [ -n "$missing" ]; then
  command -v apt-get >/dev/null 2>&1 || fail "these Debian packages are missing and there is no apt-get here: $missing"
  printf 'setup: installing Debian packages: %s\n' "$missing" >&2
  if [ "$(id -u)" = 0 ]; then
    as_root=
  elif command -v sudo >/dev/null 2>&1; then
    as_root=sudo
  else
    fail "run this as root, or install sudo: apt-get install --no-install-recommends $missing"
  fi
  # The lists may be old or, on a bare machine, absent: fetch them when the packages cannot be had without.
  # shellcheck disable=SC2086
  $as_root env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends $missing || {
    printf 'setup: fetching the package lists and trying again\n' >&2
    $as_root apt-get update
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends $missing
  }
fi

# Debian starts the services that it installs; tests start databases of their own.
for service in postgresql etcd; do
  case " $missing " in *" $service "* | *" $service-server "*) ;; *) continue ;; esac
  if [ -d /run/systemd/system ]; then
    $as_root systemctl disable --now "$service" || true
  elif [ -x "/etc/init.d/$service" ]; then
    $as_root "/etc/init.d/$service" stop || true
  fi
done

# npm ci empties node_modules: only when the lock differs from the one installed last.
stamp=node_modules/.installed-package-lock.json
if ! cmp -s package-lock.json "$stamp"; then
  printf 'setup: installing npm packages\n' >&2
  npm ci --no-audit --no-fund --ignore-scripts
  cp package-lock.json "$stamp"
fi

npm run --silent build
