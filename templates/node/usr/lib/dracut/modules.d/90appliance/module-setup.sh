#!/bin/bash
# dracut module: makes, grows, checks and mounts the data partition, and everything that lies on it, before switch-root.
# Called by dracut, which gives moddir, systemdsystemunitdir, inst_*, instmods and initdir.
# shellcheck disable=SC2154

check() {
  require_binaries systemd-repart mkfs.ext4 e2fsck resize2fs || return 1
  # Only when asked for by name: dracut --add appliance.
  return 255
}

depends() {
  echo systemd
}

installkernel() {
  # loop: systemd-repart makes the file system before the partition stands in the table.
  hostonly='' instmods squashfs overlay ext4 crc32c_generic loop vfat nls_cp437 nls_iso8859_1 nls_ascii
}

install() {
  inst_multiple systemd-repart mkfs.ext4 mke2fs e2fsck fsck.ext4 resize2fs dumpe2fs \
    blkid mount umount mkdir cp mv rm ln sync sleep cat readlink sed udevadm systemctl
  inst_simple /etc/mke2fs.conf
  inst_simple /usr/lib/appliance/repart.d/50-data.conf
  inst_simple "$moddir/appliance-disk.sh" /usr/lib/appliance/appliance-disk
  inst_simple "$moddir/appliance-disk.service" "$systemdsystemunitdir/appliance-disk.service"
  mkdir -p "$initdir$systemdsystemunitdir/initrd-root-fs.target.requires" "$initdir/etc/systemd/system"
  ln -sf ../appliance-disk.service "$initdir$systemdsystemunitdir/initrd-root-fs.target.requires/appliance-disk.service"
  # Nobody sits at a remote site to type into an emergency shell.
  inst_simple "$moddir/appliance-emergency.sh" /usr/lib/appliance/appliance-emergency
  inst_simple "$moddir/emergency.service" /etc/systemd/system/emergency.service
  # systemd lifts the clock to this file's time: a data partition made in 1970 would surprise every later reader.
  # shellcheck source=/dev/null
  (. /usr/lib/appliance/release && touch -d "@$EPOCH" "$initdir/usr/lib/clock-epoch")
}
