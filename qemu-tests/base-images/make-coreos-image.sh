#!/bin/bash
# Makes a disk image that is built and configured as Fedora CoreOS is, with Debian's tools alone and nothing of ours: a base
# for tests.
#   make-coreos-image.sh FOLDER
# FOLDER gets `coreos.img`: GPT, ESP with grub, an ext4 file system labelled `boot` with kernel, initrd and the stamp that asks
# for Ignition, an ext4 root. There is no cloud-init. In the initrd, Debian's own Ignition works once, by /ignition/config.ign of
# the boot partition. /usr is read-only from then on and already for Ignition, no folder can be made in /, homes and /usr/local
# are links into /var, NetworkManager and chrony are what it has for network and time. SELinux is enforced, with Debian's own
# policy. Starts by UEFI on amd64. Run as root.
set -eu
folder=$1
tree=$folder/coreos-tree
contexts=/etc/selinux/default/contexts/files/file_contexts
mkdir -p "$folder"
# shellcheck source=qemu-tests/base-images/ignition-base.sh
. "$(dirname "$0")/ignition-base.sh"

rm -rf "${folder:?}/boot" "$folder"/*.part
install_system e2fsprogs selinux-policy-default policycoreutils
preset base-ignition-complete.service systemd-journald-audit.socket

# As rpm-ostree lays a system out.
for name in home root opt srv mnt; do
  target=var/$name
  [ "$name" != root ] || target=var/roothome
  mv "$tree/$name" "$tree/$target"
  ln -s "$target" "$tree/$name"
done
mv "$tree/usr/local" "$tree/var/usrlocal"
ln -s ../var/usrlocal "$tree/usr/local"
printf 'LABEL=rootfs / ext4 defaults 0 1\nLABEL=boot /boot ext4 defaults 0 2\n' >"$tree/etc/fstab"
file /etc/selinux/config <<<$'SELINUX=enforcing\nSELINUXTYPE=default'
# Where Debian's policy is narrower than Fedora's: folders that are others under another name; links in their places, which every
# service may follow; places that mount may cover; memory that a program may write and run; types of file systems that mount may
# give; journalctl and systemd-notify, which Fedora runs as what calls them, and Debian as what may do nothing.
file $contexts.subs <<'EOT'
/var/home /home
/var/opt /opt
/var/roothome /root
/var/srv /srv
/var/usrlocal /usr/local
EOT
file /tmp/fedora.cil <<'EOT'
(allow domain default_t (lnk_file (getattr read)))
(allow domain usr_t (lnk_file (getattr read)))
(allow domain var_t (lnk_file (getattr read)))
(allow mount_t file_type (filesystem (relabelfrom)))
(typepermissive systemd_journal_init_t)
(typepermissive systemd_notify_t)
EOT
chroot "$tree" semodule --noreload --install /tmp/fedora.cil
rm "$tree/tmp/fedora.cil"
chroot "$tree" setsebool -N -P allow_mount_anyfile=on allow_execmem=on
# When all is done: the next start asks for nothing.
file /usr/lib/systemd/system/base-ignition-complete.service <<'EOT'
[Unit]
Description=End of the first start
ConditionKernelCommandLine=ignition.firstboot
RequiresMountsFor=/boot

[Install]
WantedBy=multi-user.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/rm -rf /boot/ignition
ExecStart=/bin/rm /boot/ignition.firstboot
EOT

# What the system's initrd does beside Ignition's own module.
base_module chattr cp mkdir mount
file "$module/base-user-config.sh" 755 <<'EOT'
#!/bin/bash
set -e
[ -w /usr ] || mount -o remount,rw /usr
mkdir -p /usr/lib/ignition /run/boot
mount -o ro /dev/disk/by-label/boot /run/boot
[ ! -f /run/boot/ignition/config.ign ] || cp /run/boot/ignition/config.ign /usr/lib/ignition/user.ign
EOT
file "$module/base-user-config.service" <<'EOT'
[Unit]
Description=Config for Ignition from the boot partition
DefaultDependencies=false
Requires=dev-disk-by\x2dlabel-boot.device
After=dev-disk-by\x2dlabel-boot.device
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
file "$module/base-read-only.sh" 755 <<'EOT'
#!/bin/bash
set -e
mount -o remount,rw /sysroot
chattr +i /sysroot
mount --bind /sysroot/usr /sysroot/usr
mount -o remount,bind,ro /sysroot/usr
EOT
file "$module/base-read-only.service" <<'EOT'
[Unit]
Description=System that nobody changes
DefaultDependencies=false
Requires=initrd-root-fs.target
After=initrd-root-fs.target ignition-remount-sysroot.service
Before=ignition-mount.service initrd-parse-etc.service initrd-switch-root.target
OnFailure=emergency.target
OnFailureJobMode=isolate

[Install]
RequiredBy=initrd.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/sbin/base-read-only
EOT
make_initrd ext4

# As coreos-assembler's grub.cfg.
make_esp EFI-SYSTEM part_gpt fat ext2 search search_label test <<'EOT'
search --no-floppy --label boot --set=root
set ignition_firstboot=""
if [ -f "/ignition.firstboot" ]; then
  set ignition_firstboot="ignition.firstboot"
fi
linux /vmlinuz root=LABEL=rootfs ro console=ttyS0 security=selinux ignition.platform.id=metal $ignition_firstboot
initrd /initrd.img
boot
EOT

: >"$tree/boot/ignition.firstboot"
# What is on the disk has its type from here on: nothing is labelled at a start.
chroot "$tree" setfiles -F $contexts /
mv "$tree/boot" "$folder/boot"
mkdir "$tree/boot"
chroot "$tree" setfiles -F $contexts /boot
mke2fs -q -t ext4 -L boot -d "$folder/boot" "$folder/boot.part" 384M
mke2fs -q -t ext4 -L rootfs -d "$tree" "$folder/root.part" 1536M
rm -rf "$tree" "${folder:?}/boot"

lay "$folder/coreos.img" "$folder/esp.part" "$folder/boot.part" "$folder/root.part" <<'EOT'
label: gpt
start=1MiB, size=64MiB, type=U, name=EFI-SYSTEM
size=384MiB, type=L, name=boot
size=1536MiB, type=L, name=root
EOT
