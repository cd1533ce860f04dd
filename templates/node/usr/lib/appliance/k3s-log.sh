# shellcheck shell=sh
# What k3s itself says is wrong. Sourced.

# Newest error of k3s since its last start, without its time stamp; empty when it has none. k3s logs as
# `time="..." level=fatal msg="..."` (logrus) and, from Kubernetes code, `E1122 17:00:00.000000  1 file.go:1] ...`.
k3s_last_error() {
  kl_id=$(systemctl show -P InvocationID k3s.service 2>/dev/null)
  journalctl --no-pager -q -o cat -n 400 "_SYSTEMD_INVOCATION_ID=${1:-$kl_id}" 2>/dev/null |
    grep -E 'level="?(fatal|error)"?|[Nn]ode password rejected|[Ff]atal|panic:' |
    tail -n 1 |
    sed -e 's/^time="[^"]*" //' -e 's/^level="*[a-z]*"* msg="\(.*\)"$/\1/' -e 's/\\"/"/g' |
    cut -c 1-300
}
