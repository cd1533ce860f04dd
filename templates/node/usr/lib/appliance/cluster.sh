# shellcheck shell=sh
# Before the first start of a server: is its cluster there? Sourced.

join_tries=120
join_pause=5

# answers URL OPTION...: whether a server of k3s answers there. Never through a proxy of the site, which k3s.service may have.
answers() {
  an_url=$1
  shift
  [ "$(curl -sS --max-time 5 --noproxy '*' "$@" "$an_url/ping" 2>/dev/null)" = pong ]
}

has_datastore() {
  [ -e "$K3S_DATA/server/db/etcd/member" ] || [ -e "$K3S_DATA/server/db/state.db" ]
}

# running_peer: the address of another server that answers with a certificate of this cluster. A card that would start the
# cluster, in a machine that has no datastore, must not start a second one beside it.
running_peer() {
  for rp_url in $PEERS; do
    if answers "$rp_url" --cacert "$K3S_DATA/server/tls/server-ca.crt"; then
      printf '%s\n' "$rp_url"
      return 0
    fi
  done
  return 1
}

# await_cluster: k3s ends at once when nobody answers where it is to join, and systemd waits longer after each time: five
# minutes in the end. Bounded: after that it is k3s that says what is wrong. Who answers is checked by k3s, too.
await_cluster() {
  ac_url=$(sed -n "s/^server: *[\"']*\([^\"']*\).*/\1/p" "$K3S_CONFIG")
  [ -n "$ac_url" ] || return 0
  ac_try=0
  until answers "$ac_url" -k; do
    phase join "waiting for the cluster at $ac_url"
    ac_try=$((ac_try + 1))
    [ "$ac_try" -lt "$join_tries" ] || return 0
    sleep "$join_pause"
  done
}
