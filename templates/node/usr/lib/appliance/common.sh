# shellcheck shell=sh
# Shared by the scripts in this folder. Sourced, never run. Every path starts with $ROOT, so that tests run the same text
# against a folder.
ROOT=${APPLIANCE_ROOT:-}
STATE=$ROOT/var/lib/appliance
STAMPS=$STATE/stamps
RUN=$ROOT/run/appliance
STATUS=$RUN/status
SEED=$RUN/seed
PAYLOAD=$ROOT/payload
K3S_DATA=$ROOT/var/lib/rancher/k3s
K3S_CONFIG=$ROOT/etc/rancher/k3s/config.yaml
K3S=$ROOT/usr/local/bin/k3s
CONSOLE=$ROOT/dev/console
PROC=$ROOT/proc
SYS=$ROOT/sys

NODE_NAME= ROLE= FIRST= CLUSTER= CLOCK_FLOOR=0 ADDRESSES=

# EX_CONFIG of sysexits.h: the launcher refused; the reason stands in the status.
REFUSED=78

# KEY='value' lines that the build wrote; read again after the first boot has placed them.
load_node_settings() {
  if [ -r "$STATE/node.conf" ]; then
    # shellcheck source=/dev/null
    . "$STATE/node.conf"
  fi
}

# One line for the person at the screen, and for the journal. The console may be gone or hung up: never an error.
say() {
  printf 'appliance: %s: %s\n' "${NODE_NAME:-node}" "$*" >&2
  { printf 'appliance: %s: %s\r\n' "${NODE_NAME:-node}" "$*" >"$CONSOLE"; } 2>/dev/null || :
}

# To the disk, not only to the cache: a power cut comes without warning. Without file arguments (busybox): all of it.
to_disk() {
  sync "$@" 2>/dev/null || sync
}

# place_stdin TARGET MODE: standard input becomes TARGET, whole or not at all, at any instant.
place_stdin() {
  ps_target=$1 ps_mode=$2 ps_new=$1.new
  rm -f "$ps_new"
  (umask 077 && cat >"$ps_new") || return 1
  chmod "$ps_mode" "$ps_new" || return 1
  to_disk "$ps_new"
  mv -f "$ps_new" "$ps_target" || return 1
  to_disk "${ps_target%/*}"
}

sha256_of() {
  sha256sum <"$1" | cut -d ' ' -f 1
}

uptime_seconds() {
  ut=
  read -r ut _ <"$PROC/uptime" 2>/dev/null || :
  printf '%s\n' "${ut:-0}"
}

# Asked once a boot: starting k3s only for its name takes seconds on a small board.
k3s_version() {
  if ! [ -s "$RUN/k3s-version" ]; then
    "$K3S" --version 2>/dev/null </dev/null | head -n 1 >"$RUN/k3s-version" || :
  fi 2>/dev/null
  cat "$RUN/k3s-version" 2>/dev/null
}

status_value() {
  [ -r "$STATUS" ] && sed -n "s/^$1=//p" "$STATUS" | head -n 1
}

# set_status KEY VALUE: replaces one line of the status file. It lies in /run: renaming is enough, no sync.
set_status() {
  mkdir -p "$RUN"
  ss_value=$(printf '%s' "$2" | tr '\n' ' ')
  {
    [ -r "$STATUS" ] && grep -v "^$1=" "$STATUS"
    printf '%s=%s\n' "$1" "$ss_value"
  } >"$STATUS.new" || :
  mv -f "$STATUS.new" "$STATUS"
}

# phase NAME TEXT: the status and, when the phase is a new one, one console line.
phase() {
  ph_before=$(status_value phase)
  if [ "$ph_before" != "$1" ]; then
    set_status phase "$1"
    set_status since "$(date +%s)"
    say "$2"
  fi
  [ "$1" = failed ] || set_status error ''
}

# refuse REASON: leave the reason where people look; systemd tries again by itself, with growing delay.
refuse() {
  set_status phase failed
  set_status since "$(date +%s)"
  set_status error "$*"
  if mkdir -p "$STATE"; then cp "$STATUS" "$STATE/status" 2>/dev/null || :; fi
  say "failed: $*; k3s is not started, the next try follows by itself"
  exit "$REFUSED"
}
