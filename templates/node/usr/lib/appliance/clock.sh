# shellcheck shell=sh
# Boards without a battery start in 1970, or in the year their firmware was made. Every certificate of the build begins
# before CLOCK_FLOOR, so a clock at or after it is good enough to start with. Sourced by firstboot,
# launcher and report.

# Where the present time comes from: ntp, rtc, saved (of the last run, by timesyncd) or floor.
clock_source() {
  if [ -e "$ROOT/run/systemd/timesync/synchronized" ]; then
    echo ntp
    return
  fi
  cs_rtc=0
  read -r cs_rtc <"$SYS/class/rtc/rtc0/since_epoch" 2>/dev/null || :
  if [ "${cs_rtc:-0}" -ge "$CLOCK_FLOOR" ]; then
    echo rtc
    return
  fi
  cs_uptime=$(uptime_seconds)
  if [ "$(date +%s)" -gt "$((CLOCK_FLOOR + ${cs_uptime%.*} + 600))" ]; then echo saved; else echo floor; fi
}

lift_clock() {
  [ "$(date +%s)" -ge "$CLOCK_FLOOR" ] || date -u -s "@$CLOCK_FLOOR" >/dev/null
}

# ensure_clock SECONDS: time from the network when there is some within that time, never earlier than the floor.
ensure_clock() {
  ec_left=$1
  while [ "$ec_left" -gt 0 ]; do
    case $(clock_source) in ntp | rtc) break ;; esac
    has_carrier || break
    systemctl -q is-active systemd-timesyncd.service 2>/dev/null || break
    sleep 1
    ec_left=$((ec_left - 1))
  done
  lift_clock || return 1
  ec_source=$(clock_source)
  set_status clock "$ec_source"
  # Certificates that k3s issues now end 365 days after this time: after a large step forward it must be restarted.
  [ "$ec_source" = floor ] &&
    say "no time source: clock starts at $(date -u '+%Y-%m-%d %H:%M') UTC, the time of the build"
  return 0
}
