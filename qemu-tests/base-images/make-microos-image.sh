#!/bin/bash
# Makes a disk image that is built and configured as openSUSE MicroOS's kvm image is, with Debian's tools alone and nothing of
# ours: a base for tests.
#   make-microos-image.sh FOLDER [2023]
# FOLDER gets `microos.img`: GPT, ESP with grub, btrfs with the system as a read-only snapshot in subvolumes, which is the default
# one, /var and /etc among them. At every start that finds the medium larger than the table, its initrd makes root anew up to the
# end: by kiwi's own module, of Debian 12. With `2023` FOLDER gets `microos-2023.img`, as those were until November 2023: /var is a
# btrfs of its own, last, /etc an overlay whose changes lie in /var, and nothing in the initrd grows anything.
# There is no cloud-init. In the initrd, Debian's own Ignition works once, by ignition/config.ign of a file system labelled
# `ignition`: /etc, /var and /root are there for it, other subvolumes only if the config mounts them. NetworkManager and chrony
# are what it has for network and time. Starts by UEFI on amd64. Run as root.
set -eu
folder=$1
form=${2:-}
image=$folder/microos${form:+-$form}.img
layout=$folder/microos-root
snapshot=@/.snapshots/1/snapshot
tree=$layout/$snapshot
mkdir -p "$folder"
# As theirs: by it one knows that Ignition works in the initrd, and how.
module_name=ignition-microos
# shellcheck source=qemu-tests/base-images/ignition-base.sh
. "$(dirname "$0")/ignition-base.sh"

root=1d0f6f0c-5a0e-4b6e-9a53-6d6963726f31
var=1d0f6f0c-5a0e-4b6e-9a53-6d6963726f32

rm -rf "$layout" "$layout-var" "$folder"/*.part
if [ "$form" = 2023 ]; then
  install_system btrfs-progs e2fsprogs
else
  for suite in trixie bookworm; do sources+=("deb http://deb.debian.org/debian $suite main"); done
  install_system btrfs-progs e2fsprogs kiwi-dracut-oem-repart dialog pv xfsprogs
fi
preset base-ignition-complete.service

# The name alone is theirs, of a release that had the Ignition of Debian: what is in it are Debian's packages.
rm "$tree/usr/lib/os-release"
file /usr/lib/os-release <<'EOT'
NAME="openSUSE MicroOS"
ID="opensuse-microos"
ID_LIKE="suse opensuse opensuse-tumbleweed microos sl-micro"
VERSION_ID="20230201"
PRETTY_NAME="openSUSE MicroOS"
EOT

writable='home root opt srv usr/local boot/writable boot/grub2/x86_64-efi'
[ "$form" = 2023 ] || writable+=' var'
mount_of() {
  local options=subvol=/@/$1
  case $1 in root | var) options+=,x-initrd.mount ;; esac
  echo "UUID=$root /$1 btrfs $options 0 0"
}
{
  if [ "$form" = 2023 ]; then
    echo "UUID=$root / btrfs ro 0 0"
    echo "UUID=$var /var btrfs x-initrd.mount,x-growpart.grow,x-systemd.growfs 0 0"
    overlay=upperdir=/sysroot/var/lib/overlay/1/etc,lowerdir=/sysroot/etc,workdir=/sysroot/var/lib/overlay/work-etc
    waits=x-systemd.requires-mounts-for=/var,x-systemd.requires-mounts-for=/sysroot/var
    echo "overlay /etc overlay defaults,$overlay,$waits,x-initrd.mount 0 0"
  else
    echo "UUID=$root / btrfs ro=vfs 0 0"
    echo "/etc /etc none bind,x-initrd.mount 0 0"
  fi
  for name in .snapshots $writable; do mount_of "$name"; done
  echo "LABEL=EFI /boot/efi vfat defaults 0 0"
} | file /etc/fstab

# By the kernel's command line alone the first start is known: from now on grub finds the stamp.
file /usr/lib/systemd/system/base-ignition-complete.service <<'EOT'
[Unit]
Description=End of the first start
ConditionKernelCommandLine=ignition.firstboot
RequiresMountsFor=/boot/writable

[Install]
WantedBy=basic.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/touch /boot/writable/firstboot_happened
EOT

# A subvolume of a read-only file system is mounted read-only, by its bind mount as well, until that is mounted anew.
file /usr/lib/systemd/system/systemd-remount-fs.service.d/writable-again.conf <<'EOT'
[Service]
ExecStart=/bin/sh -e -c 'if findmnt -O ro -M /etc >/dev/null; then mount -o remount,rw /etc; fi'
EOT

# What the system's initrd does beside Ignition's own module.
base_module cp findmnt mkdir mount mountpoint tac umount udevadm
file "$module/base-user-config.sh" 755 <<'EOT'
#!/bin/bash
set -e
# Theirs waits 10 s; an emulated machine may not have looked at its disks by then.
udevadm wait --timeout=60 /dev/disk/by-label/ignition || exit 0
[ -w /usr ] || mount -o remount,rw /usr
mkdir -p /usr/lib/ignition /run/ignition-user
mount -o ro /dev/disk/by-label/ignition /run/ignition-user
[ ! -f /run/ignition-user/ignition/config.ign ] || cp /run/ignition-user/ignition/config.ign /usr/lib/ignition/user.ign
EOT
file "$module/base-user-config.service" <<'EOT'
[Unit]
Description=Config for Ignition from a file system labelled ignition
DefaultDependencies=false
After=basic.target
Before=ignition-fetch-offline.service
OnFailure=emergency.target
OnFailureJobMode=isolate

[Install]
RequiredBy=ignition-complete.target

[Service]
Type=oneshot
RemainAfterExit=yes
MountFlags=slave
ExecStart=/usr/sbin/base-user-config
EOT
file "$module/base-mount-initrd-fstab.sh" 755 <<'EOT'
#!/bin/bash
# What the system's fstab wants of an initrd, where Ignition has not mounted something already.
set -e
while read -r source target type options _; do
  case ",$options," in *,x-initrd.mount,*) ;; *) continue ;; esac
  ! mountpoint -q "/sysroot$target" || continue
  if [ "$type" = none ]; then
    mount -o "$options" "/sysroot$source" "/sysroot$target"
    mount -o remount,rw "/sysroot$target"
  else
    mount -t "$type" -o "$options" "$source" "/sysroot$target"
  fi
  echo "/sysroot$target" >>/run/base-initrd-mounts
done </sysroot/etc/fstab
EOT
file "$module/base-mount-initrd-fstab.service" <<'EOT'
[Unit]
Description=Mounts of the initrd, for Ignition
DefaultDependencies=false
Requires=initrd-root-fs.target ignition-mount.service
After=initrd-root-fs.target ignition-mount.service
Before=ignition-files.service
OnFailure=emergency.target
OnFailureJobMode=isolate

[Install]
RequiredBy=ignition-complete.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/sbin/base-mount-initrd-fstab
EOT
file "$module/base-umount-initrd-fstab.sh" 755 <<'EOT'
#!/bin/bash
set -e
tac /run/base-initrd-mounts | while read -r target; do umount "$target"; done
EOT
file "$module/base-umount-initrd-fstab.service" <<'EOT'
[Unit]
Description=Mounts of the initrd, left to systemd
DefaultDependencies=false
Requires=base-mount-initrd-fstab.service
After=base-mount-initrd-fstab.service ignition-files.service
Before=initrd-parse-etc.service
OnFailure=emergency.target
OnFailureJobMode=isolate

[Install]
RequiredBy=ignition-complete.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/sbin/base-umount-initrd-fstab
EOT
if [ "$form" != 2023 ]; then
  # What kiwi leaves of its description for the initrd: nothing that limits root, and the numbers of its partitions.
  printf '%s="%s"\n' kiwi_iname openSUSE-MicroOS kiwi_oemresizeonce false >"$tree/.profile"
  printf 'kiwi_%s="%s"\n' BiosGrub 1 EfiPart 2 RootPart 3 >"$tree/config.partids"
  more_modules=kiwi-repart
  more_files='/.profile /config.partids'
fi
make_initrd btrfs overlay vfat nls_cp437 nls_ascii qemu_fw_cfg
rm -f "$tree/.profile" "$tree/config.partids"

make_esp EFI part_gpt btrfs zstd search search_fs_uuid test <<EOT
search --no-floppy --fs-uuid $root --set=root
set ignition_firstboot="ignition.firstboot"
if [ -f "/@/boot/writable/firstboot_happened" ]; then
  set ignition_firstboot=""
fi
linux /$snapshot/boot/vmlinuz root=UUID=$root ro console=ttyS0 ignition.platform.id=qemu \$ignition_firstboot
initrd /$snapshot/boot/initrd.img
boot
EOT

# Subvolumes at their paths, and at the same paths of the snapshot the folders to mount them on.
mkdir -p "$tree/.snapshots" "$tree/boot/efi" "$layout/@/boot/grub2" "$layout/@/usr"
subvolumes=()
for name in $writable; do
  mkdir -p "$tree/$name"
  mv "$tree/$name" "$layout/@/$name"
  mkdir -p "$tree/$name"
  chmod --reference="$layout/@/$name" "$tree/$name"
  subvolumes+=(--subvol "rw:@/$name")
done
if [ "$form" = 2023 ]; then
  mv "$tree/var" "$layout-var"
  mkdir "$tree/var"
  mkdir -p "$layout-var/lib/overlay/1/etc" "$layout-var/lib/overlay/work-etc"
else
  subvolumes+=(--subvol "rw:$snapshot/etc")
fi

# mkfs.btrfs makes subvolumes from version 6.12 on: the tree has one.
make_btrfs() {
  "$tree/usr/lib64/ld-linux-x86-64.so.2" --library-path "$tree/usr/lib/x86_64-linux-gnu" "$tree/usr/sbin/mkfs.btrfs" -q "$@"
}
truncate -s 1536M "$folder/root.part"
make_btrfs -U $root -L ROOT --rootdir "$layout" --subvol rw:@ --subvol rw:@/.snapshots --subvol "default-ro:$snapshot" \
  "${subvolumes[@]}" "$folder/root.part"
rm -rf "$layout"
if [ "$form" = 2023 ]; then
  truncate -s 300M "$folder/var.part"
  make_btrfs -U $var --rootdir "$layout-var" "$folder/var.part"
  rm -rf "$layout-var"
  lay "$image" "$folder/esp.part" "$folder/root.part" "$folder/var.part" <<'EOT'
label: gpt
start=1MiB, size=64MiB, type=U, name=p.UEFI
size=1536MiB, type=L, name=p.lxroot
size=300MiB, type=L, name=p.spare
EOT
else
  truncate -s 1M "$folder/bios.part"
  lay "$image" "$folder/bios.part" "$folder/esp.part" "$folder/root.part" <<'EOT'
label: gpt
start=1MiB, size=1MiB, type=21686148-6449-6E6F-744E-656564454649, name=p.legacy
size=64MiB, type=U, name=p.UEFI
size=1536MiB, type=L, name=p.lxroot
EOT
fi
