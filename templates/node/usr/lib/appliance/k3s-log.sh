# shellcheck shell=sh
# What k3s itself says is wrong, and what that means. Sourced.

# k3s_last_error INVOCATION [OPTION OF JOURNALCTL]: newest error of k3s since its last start, without its time stamp; empty
# when it has none. k3s logs as `time="..." level=fatal msg="..."` (logrus) and, from Kubernetes code,
# `E1122 17:00:00.000000  1 file.go:1] ...`. That it is turned away an agent says at level info, and tries again for ever.
# Left out is what every start has at level error (v1.36.3): a server's answers to others while it starts, whoever else it
# turns away, and parts of Kubernetes that wait for each other (`logger=k3s/...`).
k3s_last_error() {
  kl_id=$1
  shift
  [ -n "$kl_id" ] || kl_id=$(systemctl show -P InvocationID k3s.service 2>/dev/null)
  journalctl --no-pager -q -o cat -n 400 "$@" "_SYSTEMD_INVOCATION_ID=$kl_id" 2>/dev/null |
    grep -E 'level="?(fatal|error)"?|retrieve agent config|[Nn]ode password rejected|[Ff]atal|panic:' |
    grep -vE 'msg="(Sending HTTP/|Failed to authenticate request from )| logger=k3s(/|$)' |
    tail -n 1 |
    sed -e 's/^time="[^"]*" //' -e 's/^level="*[a-z]*"* msg="\(.*\)"$/\1/' -e 's/\\"/"/g' |
    cut -c 1-400
}

# has_bootstrap_token: this agent joins with a token of its own.
has_bootstrap_token() {
  grep -qE '(^|::)[a-z0-9]{6}\.[a-z0-9]{16}$' "$STATE/secrets/token" 2>/dev/null
}

# is_early LINE: no server can know a bootstrap token before its API serves and has deployed it; until then it answers 403,
# then 401 (v1.36.3, pkg/server/auth/auth.go), while the tokens of all agents are known from the start.
bootstrap_wait_seconds=180
is_early() {
  case $1 in *'retrieve agent config'*) ;; *) return 1 ;; esac
  case $1 in *'ode password rejected'*) return 1 ;; esac
  has_bootstrap_token || return 1
  ie_exec=
  read -r ie_exec 2>/dev/null <"$RUN/exec-uptime" || return 1
  ie_now=$(uptime_seconds)
  [ "$((${ie_now%.*} - ${ie_exec%.*}))" -lt "$bootstrap_wait_seconds" ]
}

# k3s_explain LINE: why the cluster does not take this node, and what to do; nothing when the line tells of no refusal.
# Texts of k3s: pkg/clientaccess/token.go, pkg/agent/config/config.go, pkg/server/auth/auth.go,
# pkg/etcd/etcd.go, pkg/cluster/storage.go; of PostgreSQL and MySQL as their drivers pass them on, in the end or, of newer
# releases (kine), with every try of five minutes.
k3s_explain() {
  case $1 in
    *'token CA hash does not match'*)
      echo "the cluster that answers has another CA than the one this image was built for: check the address of the server, or build this node again from the state of that cluster"
      ;;
    *'ode password rejected'*)
      echo "another machine has joined as $NODE_NAME: give this one another name and build it again, or, if it replaces the other, run \`kubectl delete node $NODE_NAME\`"
      ;;
    *'duplicate node name'*)
      echo "etcd has a member named $NODE_NAME already: give this machine another name and build it again, or, if it replaces the other, run \`kubectl delete node $NODE_NAME\`"
      ;;
    *'encrypted with different token'*)
      echo "the datastore is of another cluster, or its server token was changed: use an empty database, or build this node again from the state of that cluster"
      ;;
    *'password authentication failed'* | *'Access denied for user'* | *'requires a valid client certificate'*)
      echo "the datastore does not let this server in: user, password or client certificate differ from what it expects"
      ;;
    *'Failed to validate connection to cluster'*'not yet valid: current time '*' is before '*)
      echo "the clock of this node is behind that of its server, whose certificate begins later: the node joins when its clock is right; give it a time server (site.ntp)"
      ;;
    *'creating storage endpoint'*x509* | *'Failed to ping database connection'*x509*)
      echo "the certificate of the datastore is not what this server expects: look at its end, its names and the authority that signed it"
      ;;
    *'retrieve agent config'*'not authorized'* | *'retrieve agent config'*'401 Unauthorized'* | \
      *'retrieve agent config'*forbidden* | *'retrieve agent config'*'403 Forbidden'*)
      if has_bootstrap_token; then
        echo "the server does not take this node's bootstrap token: it has expired, was deleted, or is of another cluster; build this node again with a later end"
      else
        echo "the server does not take this node's token: it was changed there, or this image is of another cluster; build this node again from the state of that cluster"
      fi
      ;;
  esac
}
