#!/bin/bash
# dracut module: has Debian's `ignition` module work on a read-only root, once for each config, without a network.
# Called by dracut, which gives moddir, initdir, systemdsystemunitdir, inst_* and kernel.
# shellcheck disable=SC2154

check() {
  # Only when asked for by name: dracut --add appliance-ignition.
  return 255
}

depends() {
  # Ignition wants `network`, which takes what is chosen already.
  echo appliance systemd-networkd ignition bash
}

installkernel() {
  # Ignition's module wants a network for configs that lie elsewhere. These nodes have none: their drivers stay out.
  rm -rf "$initdir/usr/lib/modules/$kernel/kernel/drivers/net"
}

install() {
  inst_multiple cat cp cut grep journalctl ls mkdir mount mv rm sed sha256sum sleep sync systemctl tail umount
  inst_simple "$moddir/is-live-image.sh" /usr/bin/is-live-image
  inst_simple "$moddir/setfiles.sh" /usr/sbin/setfiles
  mv "$initdir/usr/sbin/groupadd" "$initdir/usr/sbin/groupadd.passwd"
  inst_simple "$moddir/groupadd.sh" /usr/sbin/groupadd
  inst_simple "$moddir/appliance-ignition.sh" /usr/lib/appliance/appliance-ignition
  # Where Ignition looks for it; systemd has /usr read-only in the initrd (ProtectSystem=auto).
  mkdir -p "$initdir/usr/lib/ignition"
  ln -sf /run/appliance/ignition/config.ign "$initdir/usr/lib/ignition/user.ign"
  inst_simple "$moddir/appliance-ignition.service" "$systemdsystemunitdir/appliance-ignition.service"
  local stage
  for stage in fetch-offline fetch kargs mount files; do
    inst_simple "$moddir/stage.conf" "$systemdsystemunitdir/ignition-$stage.service.d/10-appliance.conf"
  done
  inst_simple "$moddir/mount.conf" "$systemdsystemunitdir/ignition-mount.service.d/20-order.conf"
  inst_simple "$moddir/files.conf" "$systemdsystemunitdir/ignition-files.service.d/20-applied.conf"
  # It wants to run before the root file system is mounted, which is long past: the disk of a node is not Ignition's to set up.
  rm -f "$initdir$systemdsystemunitdir/ignition-disks.service" \
    "$initdir$systemdsystemunitdir/ignition-complete.target.requires/ignition-disks.service"
  # The module `network` has them started. Interfaces belong to the node itself, by what its profile says.
  find "$initdir/etc/systemd/system" "$initdir$systemdsystemunitdir" -type l \
    '(' -name 'systemd-network*' -o -name 'dbus-org.freedesktop.network1.service' ')' -delete
}
