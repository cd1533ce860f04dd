#!/bin/sh
# `make demo`: installs what is missing, builds profiles/quickstart.yaml for arm64, boots the image in QEMU and proves it.
# Takes the k3s release where its address answers within 10 s, else the stand-in; the first and last line say which.
set -eu
cd "$(dirname "$0")/.."

profile=profiles/quickstart.yaml
version=$(sed -n 's/^ *version: *\(v[^ ]*\).*/\1/p' "$profile" | head -n 1)
address=https://github.com/k3s-io/k3s/releases/download/$(printf %s "$version" | sed 's/+/%2B/')/sha256sum-arm64.txt

command -v node >/dev/null 2>&1 || {
  echo 'demo: Node.js is missing. Install Node.js 20.19 or newer, with npm.' >&2
  exit 3
}

answers() {
  if command -v curl >/dev/null 2>&1; then
    curl --fail --silent --location --head --max-time 10 --output /dev/null "$address"
  else
    node -e '
      fetch(process.argv[1], { method: "HEAD", signal: AbortSignal.timeout(10_000) })
        .then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))' "$address"
  fi
}

if answers; then
  release="the k3s release $version"
  artifacts=
else
  release="the stand-in for k3s, which runs no Kubernetes: the address of the k3s release $version does not answer"
  artifacts=qemu-tests/k3s-stand-in/release
fi
printf 'demo: with %s\n' "$release"

scripts/setup.sh
[ -z "$artifacts" ] || make --no-print-directory stand-in

appliance() {
  printf '\n$ appliance %s\n' "$*"
  node dist/main.js "$@"
}

appliance lock "$profile" ${artifacts:+--artifacts "$artifacts"}
appliance build "$profile" ${artifacts:+--artifacts "$artifacts"} -o out
appliance test "$profile" ${artifacts:+--artifacts "$artifacts"} -o out

image=$PWD/out/quickstart/node-1.img
cat <<END

proven: node-1 of quickstart (server, arm64), booted in QEMU without a network outside
image:  $image
card:   sudo dd if='$image' of=/dev/sdX bs=4M conv=fsync status=progress   (sdX: your card; see lsblk)
login:  put your own ssh key into $profile and build again; the kubeconfig is out/quickstart/kubeconfig
demo: done with $release
END
