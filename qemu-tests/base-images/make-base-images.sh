#!/bin/sh
# Makes disk images of the kinds that people bring, with Debian's tools alone and nothing of ours: bases for tests.
#   make-base.sh FOLDER
# FOLDER gets `cloud.img` (GPT, ESP with number 15, one ext4 root with number 1 that grows, cloud-init that takes any NoCloud seed, networkd), and
# `boards.img` (MBR, a FAT boot partition on which cloud-init finds its documents, ext4 root, NetworkManager, radios blocked
# until somebody wants them, as Raspberry Pi OS has it). Both start by UEFI on amd64, and have what it takes to join a wireless
# network and to be one (hostapd, iw). Run as root.
set -eu
folder=$1
tree=$folder/tree
mkdir -p "$folder"

packages='linux-image-amd64 initramfs-tools grub-efi-amd64-bin cloud-init netplan.io systemd-sysv systemd-resolved
  systemd-timesyncd cloud-guest-utils fdisk e2fsprogs dosfstools kmod udev dbus iproute2 iptables nftables apparmor
  openssh-server sudo ca-certificates curl openssl zstd less procps login passwd netbase tzdata
  network-manager wpasupplicant wireless-regdb hostapd iw iputils-ping'

# cloud.cfg.d NAME: standard input becomes a setting of cloud-init.
setting() {
  cat >"$tree/etc/cloud/cloud.cfg.d/$1"
}

rm -rf "$tree"
mmdebstrap --quiet --variant=apt --include="$(echo "$packages" | tr -s ' \n' ',')" \
  --keyring=/usr/share/keyrings/debian-archive-keyring.gpg trixie "$tree"
: >"$tree/etc/machine-id"
rm -f "$tree"/etc/ssh/ssh_host_* "$tree/etc/hostname"
ln -sf ../run/systemd/resolve/stub-resolv.conf "$tree/etc/resolv.conf"

# grub CONFIGURATION OUTPUT: one program with its configuration inside.
grub() {
  cp "$1" "$tree/tmp/grub.cfg"
  chroot "$tree" grub-mkstandalone --format=x86_64-efi --output=/tmp/grub.efi --install-modules='part_gpt part_msdos fat ext2 linux normal search search_label all_video' \
    --modules='part_gpt part_msdos fat ext2 search search_label' --fonts='' --locales='' --themes='' boot/grub/grub.cfg=/tmp/grub.cfg
  mv "$tree/tmp/grub.efi" "$2"
  rm "$tree/tmp/grub.cfg"
}

# boot_files PATH: fills the FAT file system at PATH, of which grub is the only program.
boot_entry() {
  printf 'search --no-floppy --label %s --set=root\nlinux %s/vmlinuz root=LABEL=rootfs ro console=ttyS0 %s\ninitrd %s/initrd.img\nboot\n' \
    "$1" "$2" "$3" "$2" >"$folder/grub.cfg"
  grub "$folder/grub.cfg" "$folder/grub.efi"
}

# root_image PATH MIB
root_image() {
  rm -f "$1"
  mke2fs -q -t ext4 -L rootfs -d "$tree" "$1" "$2M"
}

# fat PATH MIB LABEL
fat() {
  rm -f "$1"
  truncate -s "$2M" "$1"
  mkfs.vfat -F 32 -n "$3" "$1" >/dev/null
  mmd -i "$1" ::/EFI ::/EFI/BOOT
  mcopy -i "$1" "$folder/grub.efi" ::/EFI/BOOT/BOOTX64.EFI
}

# disk OUTPUT LABEL BOOT-TYPE ROOT-TYPE [BOOT-NUMBER ROOT-NUMBER]: `boot.part` and `root.part` on a disk, from the first MiB on.
disk() {
  di_boot=$(($(stat -c %s "$folder/boot.part") / 512)) di_root=$(($(stat -c %s "$folder/root.part") / 512))
  rm -f "$1"
  truncate -s $(((di_boot + di_root + 2048 + 2048) * 512)) "$1"
  printf 'label: %s\na%s : start=2048, size=%s, type=%s\na%s : start=%s, size=%s, type=%s\n' "$2" "${5:-1}" "$di_boot" "$3" \
    "${6:-2}" $((2048 + di_boot)) "$di_root" "$4" | sfdisk --quiet "$1"
  dd if="$folder/boot.part" of="$1" bs=1M seek=1 conv=notrunc,sparse status=none
  dd if="$folder/root.part" of="$1" bs=1M seek=$((1 + di_boot / 2048)) conv=notrunc,sparse status=none
  rm "$folder/boot.part" "$folder/root.part"
}

cp "$tree"/boot/vmlinuz-* "$folder/vmlinuz"
cp "$tree"/boot/initrd.img-* "$folder/initrd.img"

# As Debian's cloud images: the root grows to the end of its disk, if it can.
units=$tree/etc/systemd/system
find "$units" -lname '*/NetworkManager*' -printf '%P\0' | tar -C "$units" --null -T - --remove-files -cf "$folder/network-manager.tar"
setting 01_base.cfg <<'CFG'
manage_etc_hosts: true
CFG
printf 'LABEL=rootfs / ext4 rw,discard,errors=remount-ro 0 1\n' >"$tree/etc/fstab"
(cd "$tree/boot" && ln -sf vmlinuz-* vmlinuz && ln -sf initrd.img-* initrd.img)
boot_entry rootfs /boot ''
fat "$folder/boot.part" 64 ESP
root_image "$folder/root.part" 1536
disk "$folder/cloud.img" gpt U L 15 1

# As Raspberry Pi OS: cloud-init reads its documents from the boot partition and looks nowhere else.
setting 99_boards.cfg <<'CFG'
datasource_list: [NoCloud, None]
datasource:
  NoCloud:
    seedfrom: file:///boot/firmware/
    fs_label: null
CFG
tar -C "$units" -xf "$folder/network-manager.tar"
mkdir -p "$tree/usr/lib/netplan"
printf 'network:\n  version: 2\n  renderer: NetworkManager\n' >"$tree/usr/lib/netplan/00-network-manager-all.yaml"
chmod 600 "$tree/usr/lib/netplan/00-network-manager-all.yaml"
printf '[main]\nWirelessEnabled=false\n' >"$tree/var/lib/NetworkManager/NetworkManager.state"
mkdir -p "$tree/boot/firmware"
printf 'LABEL=bootfs /boot/firmware vfat defaults 0 2\nLABEL=rootfs / ext4 defaults,noatime 0 1\n' >"$tree/etc/fstab"
boot_entry bootfs '' rfkill.default_state=0
fat "$folder/boot.part" 256 bootfs
mcopy -i "$folder/boot.part" "$folder/vmlinuz" "$folder/initrd.img" ::/
for document in meta-data user-data network-config; do printf '# Fill in what is wanted.\n' >"$folder/$document"; done
mcopy -i "$folder/boot.part" "$folder/meta-data" "$folder/user-data" "$folder/network-config" ::/
root_image "$folder/root.part" 1536
disk "$folder/boards.img" dos c 83
rm -rf "$tree" "$folder"/grub.* "$folder/network-manager.tar" "$folder/vmlinuz" "$folder/initrd.img" "$folder/meta-data" "$folder/user-data" "$folder/network-config"
