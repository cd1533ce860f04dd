# shellcheck shell=sh
# k3s exits without a default route and takes the node's address from the route's interface (k3s-io/k3s#1144). A site
# without a gateway, or a cable that is not plugged in, must not keep the node from starting. Sourced by the launcher.

dummy_address=203.0.113.254/31
dummy_gateway=203.0.113.255

has_default_route() {
  [ -n "$(ip -4 route show default 2>/dev/null; ip -6 route show default 2>/dev/null)" ]
}

# Any real interface with a cable in it.
has_carrier() {
  for hc_device in "$SYS"/class/net/*/device; do
    hc_carrier=0
    read -r hc_carrier <"${hc_device%/device}/carrier" 2>/dev/null || :
    [ "${hc_carrier:-0}" = 1 ] && return 0
  done
  return 1
}

# interface_of MAC: the name of the real interface with this hardware address.
interface_of() {
  for io_device in "$SYS"/class/net/*/device; do
    io_address=
    read -r io_address <"${io_device%/device}/address" 2>/dev/null || :
    if [ "$io_address" = "$1" ]; then
      io_device=${io_device%/device}
      printf '%s\n' "${io_device##*/}"
      return 0
    fi
  done
  return 1
}

# wired_interface: the name of the wired interface that the node's network is on: the one with an address of this node, else
# with a cable in it, else the first. Names as in the .network files.
wired_interface() {
  wi_first='' wi_live=''
  for wi_device in "$SYS"/class/net/e[nt]*/device; do
    [ -e "$wi_device" ] || continue
    wi_name=${wi_device%/device} wi_carrier=0
    wi_name=${wi_name##*/}
    read -r wi_carrier <"${wi_device%/device}/carrier" 2>/dev/null || :
    for wi_address in $ADDRESSES; do
      if ip -o address show dev "$wi_name" 2>/dev/null | grep -qF " ${wi_address%/*}/"; then
        printf '%s\n' "$wi_name"
        return 0
      fi
    done
    [ -n "$wi_first" ] || wi_first=$wi_name
    [ -n "$wi_live" ] || [ "${wi_carrier:-0}" != 1 ] || wi_live=$wi_name
  done
  [ -n "$wi_first" ] && printf '%s\n' "${wi_live:-$wi_first}"
}

# addressed KIND: `<interface> <address>` of the first real interface of that kind (cable or radio) with an address that others
# reach. Radios have a folder phy80211 (kernel doc, ABI/testing/sysfs-class-net).
addressed() {
  for ad_device in "$SYS"/class/net/*/device; do
    ad_interface=${ad_device%/device}
    if [ -e "$ad_interface/phy80211" ]; then ad_kind=radio; else ad_kind=cable; fi
    [ "$ad_kind" = "$1" ] || continue
    ad_interface=${ad_interface##*/}
    ad_address=$(ip -o -4 address show dev "$ad_interface" scope global 2>/dev/null |
      sed -n '1s|^.* inet \([0-9.]*\)/.*$|\1|p')
    [ -n "$ad_address" ] || continue
    printf '%s %s\n' "$ad_interface" "$ad_address"
    return 0
  done
  return 1
}

# radio_name: of the first radio.
radio_name() {
  for rn_radio in "$SYS"/class/net/*/phy80211; do
    [ -e "$rn_radio" ] || continue
    rn_radio=${rn_radio%/phy80211}
    printf '%s\n' "${rn_radio##*/}"
    return 0
  done
  return 1
}

# Static addresses of this node that no interface bears: networkd sets none while there is no carrier.
absent_addresses() {
  for aa_address in $ADDRESSES; do
    ip -o address show 2>/dev/null | grep -qF " ${aa_address%/*}/" || printf '%s\n' "$aa_address"
  done
}

add_dummy_route() {
  modprobe -q dummy 2>/dev/null || :
  ip link show dummy0 >/dev/null 2>&1 || ip link add dummy0 type dummy || return 1
  ip link set dummy0 up || return 1
  ip address replace "$dummy_address" dev dummy0 || return 1
  # A large metric: DHCP's route (1024 with networkd) must win as soon as it comes.
  ip route replace default via "$dummy_gateway" dev dummy0 metric 100000
}

# ensure_route SECONDS: wait for DHCP or the kernel as long as a cable is in, then go on without a gateway.
ensure_route() {
  er_left=$1
  while ! has_default_route && [ "$er_left" -gt 0 ] && [ -z "$ADDRESSES" ] && has_carrier; do
    sleep 1
    er_left=$((er_left - 1))
  done
  if ! has_default_route; then
    say 'no default route: using a dummy route so that k3s can start'
    add_dummy_route || return 1
  fi
  # k3s is told node-ip: the address must exist somewhere, or flannel and kubelet give up.
  if [ "$RADIO" = cluster ]; then addressed radio >/dev/null; else has_carrier; fi && return 0
  for er_address in $(absent_addresses); do
    modprobe -q dummy 2>/dev/null || :
    ip link show dummy0 >/dev/null 2>&1 || ip link add dummy0 type dummy || return 1
    ip link set dummy0 up
    case $er_address in
      *:*) ip address replace "${er_address%/*}/128" dev dummy0 || return 1 ;;
      *) ip address replace "${er_address%/*}/32" dev dummy0 || return 1 ;;
    esac
  done
}
