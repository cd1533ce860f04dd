# shellcheck shell=bash
# What the bases with Ignition have in common: sourced by their scripts, with `folder` and `tree` (the root in the making) set.
: "${folder:?}" "${tree:?}"

packages='linux-image-amd64 dracut dracut-network ignition grub-efi-amd64-bin systemd-sysv network-manager chrony fdisk
  dosfstools kmod udev dbus iproute2 iptables nftables apparmor openssh-server sudo ca-certificates curl openssl zstd
  less procps login passwd netbase tzdata'

# file PATH [MODE]: standard input becomes a file of the root.
file() {
  mkdir -p "$tree${1%/*}"
  cat >"$tree$1"
  chmod "${2:-644}" "$tree$1"
}

# Other lines for apt than those of trixie.
sources=()

# install_system PACKAGE...: Debian with these besides, as it is before its first start, with people, network and time as these
# bases have them.
install_system() {
  rm -rf "$tree"
  mkdir -p "$tree"
  mmdebstrap --quiet --variant=apt --include="$(echo "$packages" "$@" | tr -s ' \n' ',')" \
    --keyring=/usr/share/keyrings/debian-archive-keyring.gpg trixie "$tree" "${sources[@]}"
  rm -f "$tree"/etc/ssh/ssh_host_* "$tree/etc/hostname" "$tree/etc/resolv.conf" "$tree"/etc/NetworkManager/system-connections/*
  echo uninitialized >"$tree/etc/machine-id"
  # Debian's Ignition reads it, and fails without one. What has a policy writes another one.
  file /etc/selinux/config <<<$'SELINUX=disabled\nSELINUXTYPE=none'
  file /etc/ssh/sshd_config.d/40-keys.conf <<<'AuthorizedKeysFile .ssh/authorized_keys .ssh/authorized_keys.d/ignition'
  # It would ask the console, and nobody is there.
  mkdir -p "$tree/etc/systemd/system"
  ln -s /dev/null "$tree/etc/systemd/system/systemd-firstboot.service"
}

# preset UNIT...: these are enabled beside what every base has, and nothing else is.
preset() {
  printf 'enable %s\n' "$@" NetworkManager.service NetworkManager-dispatcher.service NetworkManager-wait-online.service \
    chrony.service getty@.service ssh.service | file /usr/lib/systemd/system-preset/30-system.preset
  echo 'disable *' >>"$tree/usr/lib/systemd/system-preset/30-system.preset"
}

# base_module PROGRAM...: a module of dracut beside Ignition's. What lies in its folder as base-*.sh becomes /usr/sbin/base-*, and
# its units, which say by RequiredBy= who wants them, are those of the initrd.
module_name=${module_name:-base-ignition}
module=/usr/lib/dracut/modules.d/35$module_name
base_module() {
  file "$module/module-setup.sh" 755 <<EOT
#!/bin/bash
check() { return 0; }
depends() { echo systemd ignition; }
install() {
  local path name target
  inst_multiple $*
  # Debian's Ignition calls it for each file, where there is no policy, too.
  [ -e /usr/sbin/setfiles ] || inst_simple /bin/true /usr/sbin/setfiles
  for path in "\$moddir"/base-*; do
    name=\${path##*/}
    if [ "\${name%.sh}" = "\$name" ]; then
      inst_simple "\$path" "\$systemdsystemunitdir/\$name"
      target=\$(sed -n 's/^RequiredBy=//p' "\$path")
      mkdir -p "\$initdir\$systemdsystemunitdir/\$target.requires"
      ln -s "../\$name" "\$initdir\$systemdsystemunitdir/\$target.requires/\$name"
    else
      inst_simple "\$path" "/usr/sbin/\${name%.sh}"
    fi
  done
}
EOT
}

# make_initrd DRIVER...: with these; /boot has `vmlinuz` and `initrd.img` then, and nothing else.
make_initrd() {
  local version
  version=$(basename "$tree"/usr/lib/modules/*)
  file /etc/dracut.conf.d/base.conf <<EOT
hostonly=no
add_dracutmodules+=" ignition $module_name ${more_modules:-} "
install_items+=" ${more_files:-} "
omit_dracutmodules+=" plymouth "
add_drivers+=" $* "
EOT
  mv "$tree/boot/vmlinuz-$version" "$tree/tmp/vmlinuz"
  chroot "$tree" dracut --quiet --force --kver "$version" /tmp/initrd.img
  rm -rf "${tree:?}"/boot/* "$tree"/initrd.img* "$tree"/vmlinuz*
  mv "$tree/tmp/vmlinuz" "$tree/tmp/initrd.img" "$tree/boot"
}

# make_esp LABEL MODULE...: esp.part, 64 MiB, with a grub that does what standard input says.
make_esp() {
  local label=$1
  shift
  cat >"$tree/tmp/grub.cfg"
  chroot "$tree" grub-mkstandalone --format=x86_64-efi --output=/tmp/grub.efi --install-modules="$* linux normal all_video" \
    --modules="$*" --fonts='' --locales='' --themes='' boot/grub/grub.cfg=/tmp/grub.cfg
  rm -f "$folder/esp.part"
  truncate -s 64M "$folder/esp.part"
  mkfs.vfat -F 32 -n "$label" "$folder/esp.part" >/dev/null
  mmd -i "$folder/esp.part" ::/EFI ::/EFI/BOOT
  mcopy -i "$folder/esp.part" "$tree/tmp/grub.efi" ::/EFI/BOOT/BOOTX64.EFI
  rm "$tree/tmp/grub.cfg" "$tree/tmp/grub.efi"
}

# lay IMAGE PART...: a disk of these files, in their order, each behind the other from 1 MiB on. Standard input: the lines of
# sfdisk for them.
lay() {
  local image=$1 part start=1
  shift
  rm -f "$image"
  for part in "$@"; do start=$((start + $(stat -c %s "$part") / 1048576)); done
  truncate -s $((start + 1))M "$image"
  sfdisk --quiet "$image"
  start=1
  for part in "$@"; do
    dd if="$part" of="$image" bs=1M seek="$start" conv=notrunc,sparse status=none
    start=$((start + $(stat -c %s "$part") / 1048576))
  done
  rm "$@"
}
