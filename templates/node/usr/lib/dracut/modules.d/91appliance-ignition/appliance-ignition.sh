#!/bin/sh
# In the initrd, around Ignition. Whether this start is a first one is not said by the kernel command line, which is the same
# at every start, but by the data partition: it holds the sha256 of the config that was applied whole. Another config, such as
# that of a replaced seed, is applied again.
#
#   prepare    gives Ignition the config of the seed, unless it has been applied; else its units do nothing
#   applied    after its last stage
#   failed U   after unit U has ended: leaves the reason and the time to wait for appliance-emergency
#
# May be cut off at any instant and run again: accounts are put back to what they were before a try that was not finished, and
# every file is written anew.
set -u
root=${APPLIANCE_ROOT:-}/sysroot
run=${APPLIANCE_ROOT:-}/run/appliance
wanted=$run/ignition/wanted
config=$run/ignition/config.ign
kept=$root/data/ignition
preset=$root/etc/systemd/system-preset/20-ignition.preset
accounts='passwd shadow group gshadow subuid subgid'

say() {
  printf 'appliance: %s\n' "$*"
  { printf 'appliance: %s\r\n' "$*" >"${APPLIANCE_ROOT:-}/dev/console"; } 2>/dev/null || :
}

# The config of the seed; Ignition reads it by the link /usr/lib/ignition/user.ign. Without one the first-boot service tells what is wrong with the seed.
read_seed() {
  mkdir -p "$run/seed" "$run/ignition"
  mount -t vfat -o ro,umask=077 "$run/disk/seed" "$run/seed" || return 1
  rs_code=0
  cp "$run/seed/config.ign" "$config" || rs_code=1
  umount "$run/seed"
  return "$rs_code"
}

# What useradd and the like leave beside a file that they were cut off from writing. A lock holds the number of
# a process: at this start it may be another's, and the lock would hold for ever.
remove_locks() {
  for rl_name in $accounts; do
    rm -f "$root/etc/$rl_name.lock" "$root/etc/$rl_name+" "$root/etc/$rl_name".[0-9]*
  done
}

# An account that was made by halves (in passwd, without its group) would stay so: Ignition asks only whether it is there.
put_back() {
  for pb_name in $accounts; do
    [ -e "$kept/before/$pb_name" ] || continue
    cp -a "$kept/before/$pb_name" "$root/etc/$pb_name.before" && mv "$root/etc/$pb_name.before" "$root/etc/$pb_name" ||
      return 1
  done
  for pb_home in "$root"/home/*; do
    [ -e "$pb_home" ] || continue
    grep -qxF "${pb_home##*/}" "$kept/before/homes" || rm -rf "$pb_home"
  done
}

keep() {
  rm -rf "$kept/before.new"
  mkdir -p "$kept/before.new" || return 1
  for ke_name in $accounts; do
    [ ! -e "$root/etc/$ke_name" ] || cp -a "$root/etc/$ke_name" "$kept/before.new/" || return 1
  done
  ls "$root/home" >"$kept/before.new/homes" || return 1
  sync
  mv "$kept/before.new" "$kept/before" || return 1
  sync
}

prepare() {
  if ! read_seed; then
    say 'warning: no config for Ignition can be read from the seed'
    return 0
  fi
  pr_sum=$(sha256sum <"$config") || return 1
  if [ "$(cat "$kept/applied" 2>/dev/null)" = "${pr_sum%% *}" ]; then
    rm -rf "$kept/before"
    return 0
  fi
  say 'first start with this seed: Ignition sets up this node'
  remove_locks
  if [ -d "$kept/before" ]; then put_back; else keep; fi || return 1
  # From here on what was applied before is no longer whole.
  rm -f "$kept/applied" "$preset"
  printf '%s\n' "${pr_sum%% *}" >"$wanted"
}

# systemd applies presets only where there is no machine-id, which is not so when a seed has been replaced.
apply_presets() {
  [ -r "$preset" ] || return 0
  while read -r ap_verb ap_unit _; do
    case $ap_verb in
      enable | disable) systemctl --root="$root" preset "$ap_unit" || say "warning: $ap_unit cannot be ${ap_verb}d" ;;
    esac
  done <"$preset"
}

applied() {
  apply_presets
  # First all that it has written, then the stamp.
  sync
  cp "$wanted" "$kept/applied.new" && sync && mv "$kept/applied.new" "$kept/applied" || return 1
  rm -rf "$kept/before" "$kept/failures"
  sync
}

# 1, 2, 4 ... minutes, at most an hour: for a fault that goes away by itself, and a medium that shall outlive one that does not.
next_delay() {
  nd_count=$(cat "$kept/failures" 2>/dev/null) || nd_count=0
  case $nd_count in '' | *[!0-9]*) nd_count=0 ;; esac
  printf '%s\n' $((nd_count + 1)) >"$kept/failures" && sync
  nd_delay=60
  while [ "$nd_count" -gt 0 ] && [ "$nd_delay" -lt 3600 ]; do
    nd_delay=$((nd_delay * 2)) nd_count=$((nd_count - 1))
  done
  [ "$nd_delay" -lt 3600 ] || nd_delay=3600
  echo "$nd_delay"
} 2>/dev/null

# The last thing that the unit's programs have said of a fault, and not what systemd says of the unit.
reason_of() {
  journalctl --sync >/dev/null 2>&1
  journalctl -q -b -o cat "_SYSTEMD_UNIT=$1" 2>/dev/null | grep -i -e critical -e cannot -e error -e fail |
    grep -v 'failed to acquire config\|Ignition failed: config is not valid\|failed to fetch config' | tail -n 1
}

failed() {
  [ "${SERVICE_RESULT:-}" != success ] || return 0
  fa_reason=$(reason_of "$1")
  printf '%s: %s\n' "${1%.service}" "${fa_reason:-${SERVICE_RESULT:-no reason is known}}" >"$run/emergency.reason"
  next_delay >"$run/emergency.delay"
}

case ${1:-} in
  prepare) prepare ;;
  applied) applied ;;
  failed) failed "${2:-}" ;;
  *) exit 64 ;;
esac
