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

NODE_NAME='' ROLE='' FIRST='' CLUSTER='' CLOCK_FLOOR=0 ADDRESSES='' PEERS='' JOURNAL=disk DATA_COMMIT='' RADIO=''

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
  { printf 'appliance: %s: %s\r\n' "${NODE_NAME:-node}" "$*" >>"$CONSOLE"; } 2>/dev/null || :
}

# To the disk, not only to the cache: a power cut comes without warning. Without file arguments (busybox): all of it.
to_disk() {
  sync "$@" 2>/dev/null || sync
}

# place_stdin TARGET MODE: standard input becomes TARGET, whole or not at all, at any instant. The rename itself is on the
# disk only after the next to_disk.
place_stdin() {
  ps_target=$1 ps_mode=$2 ps_new=$1.new
  (umask 077 && exec cat >"$ps_new") || return 1
  chmod "$ps_mode" "$ps_new" || return 1
  to_disk "$ps_new"
  mv -f "$ps_new" "$ps_target"
}

sha256_of() {
  so_line=$(sha256sum <"$1") || return 1
  printf '%s\n' "${so_line%% *}"
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

# status_value KEY. No program is started: this runs many times on small boards.
status_value() {
  [ -r "$STATUS" ] || return 0
  while IFS= read -r sv_line; do
    case $sv_line in "$1="*) printf '%s\n' "${sv_line#*=}" ;; esac
  done <"$STATUS"
}

# The ACT light of a Raspberry Pi says from afar how far the node is: it blinks once a second while the node starts, fast when
# somebody is needed, and shines when k3s runs. Boards without that light show nothing.
act_light=$SYS/class/leds/ACT

# blink MILLISECONDS: as long lit as dark. The kernel's timer does it, whose module nothing else wants.
blink() {
  printf timer >"$act_light/trigger" || {
    modprobe -q ledtrig-timer
    printf timer >"$act_light/trigger"
  }
  printf '%s' "$1" >"$act_light/delay_on" && printf '%s' "$1" >"$act_light/delay_off"
}

show_phase() {
  [ -e "$act_light/trigger" ] || return 0
  case $1 in
    running) printf none >"$act_light/trigger" && printf 1 >"$act_light/brightness" ;;
    failed | refused) blink 100 ;;
    *) blink 500 ;;
  esac 2>/dev/null || :
}

# set_status KEY VALUE [KEY VALUE]...: replaces lines of the status file. It lies in /run: renaming is enough, no sync.
set_status() {
  [ -d "$RUN" ] || mkdir -p "$RUN"
  ss_phase=
  {
    ss_keys=
    while [ $# -ge 2 ]; do
      case $2 in
        *"
"*) printf '%s=%s\n' "$1" "$(printf '%s' "$2" | tr '\n' ' ')" ;;
        *) printf '%s=%s\n' "$1" "$2" ;;
      esac
      ss_keys="$ss_keys $1 "
      [ "$1" != phase ] || ss_phase=$2
      shift 2
    done
    if [ -r "$STATUS" ]; then
      while IFS= read -r ss_line; do
        case $ss_keys in *" ${ss_line%%=*} "*) ;; *) printf '%s\n' "$ss_line" ;; esac
      done <"$STATUS"
    fi
  } >"$STATUS.new.$$"
  mv -f "$STATUS.new.$$" "$STATUS"
  [ -z "$ss_phase" ] || show_phase "$ss_phase"
}

# phase NAME TEXT: the status and, when the phase is a new one, one console line.
phase() {
  [ "$(status_value phase)" = "$1" ] && return 0
  set_status phase "$1" since "$(date +%s)" error ''
  say "$2"
}

# failed REASON: leave it where people look.
failed() {
  set_status phase failed since "$(date +%s)" error "$1"
  if mkdir -p "$STATE"; then cp "$STATUS" "$STATE/status" 2>/dev/null || :; fi
}

# refuse REASON: systemd tries again by itself, with growing delay.
refuse() {
  failed "$1"
  say "failed: $1; k3s is not started, the next try follows by itself"
  exit "$REFUSED"
}
