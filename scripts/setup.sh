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

is_installed() {
  dpkg-query -W -f '${db:Status-Status}\n' "$1" 2>/dev/null | grep -qx installed
}

missing=
while read -r line; do
  case $line in '' | '#'*) continue ;; esac
  # `containerd|containerd.io`: any of them serves, and the first is installed where there is none.
  there=no
  for package in $(printf '%s' "$line" | tr '|' ' '); do
    if is_installed "$package"; then there=yes; fi
  done
  [ "$there" = yes ] || missing="$missing ${line%%|*}"
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
  # Nothing that is there is taken away for it: a database or a Docker of another source may be in the way.
  install_missing() {
    # shellcheck disable=SC2086
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-remove --no-install-recommends $missing
  }
  # The lists may be old or, on a bare machine, absent: fetch them when the packages cannot be had without.
  install_missing || {
    printf 'setup: fetching the package lists and trying again\n' >&2
    # A source of the user's own that does not answer need not be in the way.
    $as_root apt-get update || true
    install_missing || fail "apt-get cannot install: $missing"
  }
  # Debian starts the services that it installs, some open to the network; tests start their own.
  for service in postgresql etcd docker-registry containerd; do
    case " $missing " in *" $service "* | *" $service-server "*) ;; *) continue ;; esac
    if [ -d /run/systemd/system ]; then
      $as_root systemctl disable --quiet --now "$service" || true
    else
      # Without systemd not all of them have a script, and none may have been started.
      $as_root service "$service" stop >/dev/null 2>&1 || true
    fi
  done
fi

# npm ci empties node_modules: only when the lock differs from the one installed last.
stamp=node_modules/.installed-package-lock.json
if ! cmp -s package-lock.json "$stamp"; then
  printf 'setup: installing npm packages\n' >&2
  npm ci --no-audit --no-fund --ignore-scripts
  cp package-lock.json "$stamp"
fi

npm run --silent build
