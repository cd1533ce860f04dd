#!/bin/sh
# Makes a Debian root file system and its initrd from packages that are already here. Run as root, or as root of a user
# namespace, in new mount, PID, network, UTS and IPC namespaces: mounts and processes end with it, however it ends.
#
# usage: build-root.sh FOLDER ARCHITECTURE NATIVE EPOCH HELPERS
#   FOLDER        holds `packages`, `first`, `kernel` and `tools` (one path of a .deb a line), `enable`, `mask`, `modules`
#                 (one name a line) and `overlay/` (files laid over the packages); `out/` is made. `first` are those of the
#                 packages that the others' preinst scripts call: they are extracted before anything is unpacked properly.
#                 `kernel`, where it is not empty, are packages of another kernel: their files are taken, no script is run
#   ARCHITECTURE  of the root; NATIVE: of this machine and of the tools (arm64, amd64)
#   EPOCH         seconds since 1970: the latest time stamp in the result
#   HELPERS       yes: programs of the tools stand in for their emulated twins; no: everything foreign is emulated
#
# Lines that begin with `@ ` name the step that begins. Exit code 90: programs of ARCHITECTURE cannot be run here;
# 91: the kernel lacks modules that k3s needs (check-kernel.sh names them).
#
# dpkg is driven directly: all packages are unpacked first, natively; then the helpers are mounted over their twins, which
# nothing replaces any more; then everything is configured at once.
set -eu
export LC_ALL=C.UTF-8 TZ=UTC PATH=/usr/sbin:/usr/bin:/sbin:/bin
export DEBIAN_FRONTEND=noninteractive DEBCONF_NONINTERACTIVE_SEEN=true DEBCONF_NOWARNINGS=yes
# No initrd while packages are configured: it is made once, at the end.
export INITRD=No DRACUT_NO_MKNOD=1

folder=$1 architecture=$2 native=$3 epoch=$4 helpers=$5
self=$(readlink -f "$0")
root=$folder/root tools=$folder/tools-tree out=$folder/out
export SOURCE_DATE_EPOCH="$epoch"

step() { echo "@ $*"; }

triplet() {
  case $1 in
    arm64) echo aarch64-linux-gnu ;;
    amd64) echo x86_64-linux-gnu ;;
  esac
}

# Where the ABI of an architecture wants the loader, below /usr, and what it is called.
loader_folder() {
  case $1 in
    arm64) echo lib ;;
    amd64) echo lib64 ;;
  esac
}

loader_name() {
  case $1 in
    arm64) echo ld-linux-aarch64.so.1 ;;
    amd64) echo ld-linux-x86-64.so.2 ;;
  esac
}

# extract LIST TARGET: files only, nothing is registered or run. /bin, /sbin, /lib are links into /usr from the start.
extract() {
  mkdir -p "$2/usr/bin" "$2/usr/sbin" "$2/usr/lib" "$2/usr/lib64"
  for ex_name in bin sbin lib lib64; do ln -sfn "usr/$ex_name" "$2/$ex_name"; done
  # shellcheck disable=SC2016 # expanded by the inner shell
  xargs -P "$(nproc)" -d '\n' -I '{}' sh -c 'dpkg-deb --fsys-tarfile "$1" | tar -C "$2" --keep-directory-symlink -xpf -' sh '{}' "$2" <"$1"
}

can_run() { chroot "$root" /usr/bin/true 2>/dev/null; }

# binfmt_misc entry of ARCHITECTURE; F: the emulator is opened now, so that it is found in every chroot.
register_emulator() {
  re_control=/proc/sys/fs/binfmt_misc
  [ -e "$re_control/register" ] || mount -t binfmt_misc binfmt_misc "$re_control" || return 1
  case $architecture in
    arm64)
      re_name=qemu-aarch64
      re_magic='\x7f\x45\x4c\x46\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00'
      ;;
    amd64)
      re_name=qemu-x86_64
      re_magic='\x7f\x45\x4c\x46\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\x3e\x00'
      ;;
  esac
  re_mask='\xff\xff\xff\xff\xff\xfe\xfe\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff'
  [ "$architecture" = amd64 ] || re_mask='\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff'
  re_program=$(command -v "$re_name-static" || command -v "$re_name") || return 1
  printf ':%s:M::%s:%s:%s:OCF' "$re_name" "$re_magic" "$re_mask" "$re_program" >"$re_control/register" || return 1
}

# What programs expect of a running system, and nothing of this machine.
mount_system() {
  # Where parts of /proc are hidden, as in many containers, a new one may not be mounted.
  mount -t proc proc "$1/proc" 2>/dev/null || mount --rbind /proc "$1/proc"
  mount -t tmpfs -o mode=0755 tmpfs "$1/dev"
  for ms_device in null zero full random urandom tty; do
    : >"$1/dev/$ms_device"
    mount --bind "/dev/$ms_device" "$1/dev/$ms_device"
  done
  ln -s /proc/self/fd "$1/dev/fd"
  mkdir "$1/dev/shm" "$1/dev/pts"
  mount -t tmpfs -o mode=0755 tmpfs "$1/run"
  mount -t tmpfs -o mode=1777 tmpfs "$1/tmp"
}

# Programs whose answer or work depends on the architecture stay emulated.
is_architecture_bound() {
  case $1 in
    arch | dpkg | dpkg-* | getconf | iconvconfig | ld.so | ldconfig | ldd | localedef | lscpu) return 0 ;;
    linux32 | linux64 | setarch | start-stop-daemon | systemd-detect-virt | uname | x86_64 | i386) return 0 ;;
  esac
  return 1
}

# Same package, same suite, other processor: each program of the tools over the one that it equals.
mount_helpers() {
  mount --bind "$tools/usr/lib/$(triplet "$native")" "$root/usr/lib/$(triplet "$native")"
  mh_loader=usr/$(loader_folder "$native")
  if [ "$mh_loader" = usr/lib ]; then
    : >"$root/usr/lib/$(loader_name "$native")"
    mount --bind "$tools/usr/lib/$(loader_name "$native")" "$root/usr/lib/$(loader_name "$native")"
  else
    mount --bind "$tools/$mh_loader" "$root/$mh_loader"
  fi
  for mh_folder in usr/bin usr/sbin usr/lib/systemd usr/lib/dracut; do
    for mh_tool in "$tools/$mh_folder"/*; do
      mh_name=${mh_tool##*/} mh_twin=$root/$mh_folder/${mh_tool##*/}
      if [ -L "$mh_tool" ] || [ ! -f "$mh_tool" ] || [ -L "$mh_twin" ] || [ ! -f "$mh_twin" ]; then continue; fi
      is_architecture_bound "$mh_name" && continue
      case $(head -c 4 "$mh_tool" | tail -c 3) in ELF) mount --bind "$mh_tool" "$mh_twin" ;; esac
    done
  done
}

unpack() {
  step 'extract packages'
  mkdir -p "$root" "$tools" "$out"
  extract "$folder/tools" "$tools"
  extract "$folder/first" "$root"
  can_run || { register_emulator && can_run; } || exit 90
  mkdir -p "$root/var/lib/dpkg/info" "$root/var/lib/dpkg/updates" "$root/var/lib/dpkg/triggers"
  : >"$root/var/lib/dpkg/status"
  : >"$root/var/lib/dpkg/available"
  mkdir -p "$root/etc/ssh"
  # openssh-server makes keys where there are none; a node makes its own at its first start.
  for un_kind in rsa ecdsa ed25519; do : >"$root/etc/ssh/ssh_host_${un_kind}_key"; done
  printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
  chmod 755 "$root/usr/sbin/policy-rc.d"
  mkdir -p "$tools/target" "$tools/packages" "$tools/out"
  # Bound one by one: the store is the user's, and may lie on a mount that a user namespace cannot make read-only.
  un_count=0
  while IFS= read -r un_path; do
    un_count=$((un_count + 1))
    : >"$tools/packages/$un_count.deb"
    mount --bind "$un_path" "$tools/packages/$un_count.deb"
    echo "/packages/$un_count.deb"
  done <"$folder/packages" >"$tools/list"
  step 'unpack packages'
  mount_system "$root"
  mount --rbind "$root" "$tools/target"
  mount -t proc proc "$tools/proc" 2>/dev/null || mount --rbind /proc "$tools/proc"
  mount --rbind "$root/dev" "$tools/dev"
  # shellcheck disable=SC2016 # expanded by the inner shell
  chroot "$tools" /bin/sh -c 'xargs dpkg --root=/target --force-architecture --force-depends --force-unsafe-io \
    --path-exclude="/usr/share/doc/*" --path-include="/usr/share/doc/*/copyright" --path-exclude="/usr/share/man/*" \
    --path-exclude="/usr/share/info/*" --path-exclude="/usr/share/lintian/*" --path-exclude="/usr/share/bug/*" \
    --path-exclude="/usr/share/locale/*" --no-triggers --unpack </list'
}

configure() {
  [ "$helpers" = no ] || [ "$architecture" = "$native" ] || mount_helpers
  step 'configure packages'
  chroot "$root" dpkg --force-unsafe-io --configure -a
  [ ! -e "$root/usr/bin/python3" ] || compile_python
  [ ! -s "$folder/kernel" ] || add_kernel
  step 'lay files over'
  rm -f "$root"/etc/ssh/ssh_host_* "$root/usr/sbin/policy-rc.d" "$root/etc/resolv.conf"
  ln -s ../run/systemd/resolve/stub-resolv.conf "$root/etc/resolv.conf"
  # dbus makes an id of its own when it is configured; systemd would take it over on every node alike.
  rm -f "$root/var/lib/dbus/machine-id"
  : >"$root/etc/machine-id"
  chmod 0444 "$root/etc/machine-id"
  cp -R -P --preserve=mode,timestamps --remove-destination "$folder/overlay/." "$root/"
  set_units
  step 'make the initrd'
  make_initrd
}

compile_python() {
  step 'compile Python'
  # Unchecked hashes: no look at the sources' times at each start, and the same bytes whenever they are compiled.
  find "$root/usr/lib" "$root/usr/share" -name __pycache__ -type d -prune -exec rm -rf '{}' +
  chroot "$root" python3 -m compileall -q -j 1 --invalidation-mode unchecked-hash \
    /usr/lib/python3 /usr/lib/python3.[0-9]*
}

# Kernel and modules alone: device trees and overlays lie on boot partitions, hooks are for other machines.
add_kernel() {
  step 'add the kernel'
  ak_files=$folder/kernel-files
  extract "$folder/kernel" "$ak_files"
  mkdir -p "$root/boot" "$root/usr/lib/modules"
  cp -R -P --preserve=mode,timestamps "$ak_files/usr/lib/modules/." "$root/usr/lib/modules/"
  [ ! -d "$ak_files/boot" ] || cp -R -P --preserve=mode,timestamps "$ak_files/boot/." "$root/boot/"
  rm -rf "$ak_files"
  chroot "$root" depmod -a "$(ls "$root/usr/lib/modules")"
}

# Exactly the units of the list: Debian enables every unit that it installs.
set_units() {
  su_presets=$root/usr/lib/systemd/system-preset
  if [ -z "$(find "$su_presets" -name '*-appliance.preset')" ]; then
    { sed 's/^/enable /' "$folder/enable" && echo 'disable *'; } >"$su_presets/00-appliance.preset"
  fi
  chroot "$root" systemctl --quiet preset-all
  while IFS= read -r su_unit; do
    ln -sfn /dev/null "$root/etc/systemd/system/$su_unit"
  done <"$folder/mask"
}

# The root is seen twice: with helpers, for dracut itself, and without them below /run/real, where dracut takes files from.
make_initrd() {
  mi_failed=''
  mi_kernel=$(ls "$root/usr/lib/modules")
  sh "${self%/*}/check-kernel.sh" "$root/usr/lib/modules/$mi_kernel" "$root/etc/modules-load.d/appliance.conf" || exit 91
  mi_modules='systemd systemd-initrd systemd-journald systemd-modules-load systemd-sysctl systemd-tmpfiles systemd-udevd udev-rules kernel-modules fs-lib'
  for mi_module in "$root"/usr/lib/dracut/modules.d/9[01]appliance*; do
    [ ! -d "$mi_module" ] || mi_modules="$mi_modules $(basename "$mi_module" | cut -c 3-)"
  done
  mkdir "$root/run/real" "$root/run/dracut.conf.d"
  mount --bind "$root" "$root/run/real"
  : >"$root/run/dracut.conf"
  case $architecture in arm64) mi_machine=aarch64 ;; *) mi_machine=x86_64 ;; esac
  DRACUT_ARCH=$mi_machine chroot "$root" /bin/bash /usr/bin/dracut --sysroot /run/real \
    --conf /run/dracut.conf --confdir /run/dracut.conf.d --tmpdir /tmp \
    --no-hostonly --no-hostonly-cmdline --reproducible --no-early-microcode --nostrip --zstd --force \
    --modules "$mi_modules" --drivers "$(tr '\n' ' ' <"$folder/modules")" \
    --install '/usr/sbin/mkfs.ext4 /usr/sbin/e2fsck /usr/sbin/blkid /usr/bin/findmnt /usr/bin/lsblk /usr/bin/cp /usr/bin/mount /usr/bin/umount /usr/sbin/modprobe /usr/bin/sh' \
    --kver "$mi_kernel" /tmp/initrd.img >"$root/run/dracut.log" 2>&1 || mi_failed=yes
  cat "$root/run/dracut.log"
  # dracut ends well when it could not install a file.
  if [ -n "$mi_failed" ] || grep -q -e ' ERROR: ' -e 'dracut\[[EF]\]' "$root/run/dracut.log"; then
    echo 'dracut could not make a whole initrd' >&2
    exit 1
  fi
  cp "$root/tmp/initrd.img" "$out/initrd.img"
}

# Nothing is mounted here any more but what the clean view leaves out.
finish() {
  step 'pack the root file system'
  case $architecture in
    arm64) fi_loader=systemd-bootaa64.efi ;;
    *) fi_loader=systemd-bootx64.efi ;;
  esac
  cp "$root/usr/lib/systemd/boot/efi/$fi_loader" "$out/systemd-boot.efi"
  # Debian's newer kernels keep all their files in one folder; nothing of it but the modules is for a running node.
  fi_kernel=$root/usr/lib/modules/$(ls "$root/usr/lib/modules")
  if [ -f "$fi_kernel/vmlinuz" ]; then cp "$fi_kernel/vmlinuz" "$out/vmlinuz"; else cp "$root"/boot/vmlinuz-* "$out/vmlinuz"; fi
  rm -rf "$fi_kernel/vmlinuz" "$fi_kernel/System.map" "$fi_kernel/dtb"
  if [ "$architecture" != "$native" ]; then
    rmdir "$root/usr/lib/$(triplet "$native")"
    [ "$(loader_folder "$native")" = lib64 ] || rm "$root/usr/lib/$(loader_name "$native")"
  fi
  # Extracting made it everywhere; only one ABI wants it.
  [ "$(loader_folder "$architecture")" = lib64 ] || rm -rf "${root:?}/lib64" "${root:?}/usr/lib64"
  rm -rf "${root:?}"/boot/* "$root"/vmlinuz* "$root"/initrd.img* "$root"/etc/fstab "$root"/etc/.pwd.lock \
    "$root"/etc/passwd- "$root"/etc/group- "$root"/etc/shadow- "$root"/etc/gshadow- "$root"/etc/subuid- "$root"/etc/subgid- \
    "$root"/var/cache/debconf/*-old "$root"/var/cache/ldconfig "$root"/var/cache/apparmor "$root"/var/lib/dpkg/*-old \
    "$root"/var/lib/dpkg/lock* "$root"/var/lib/dpkg/triggers/Lock "$root"/var/lib/systemd/random-seed \
    "$root"/var/lib/apt "$root"/var/cache/apt
  find "$root/usr/share/doc" "$root/usr/share/man" "$root/usr/share/info" "$root/usr/share/locale" \
    "$root/usr/share/i18n" "$root/usr/share/lintian" "$root/usr/share/bug" ! -type d ! -name copyright -delete 2>/dev/null || true
  find "$root/usr/share/doc" "$root/usr/share/man" "$root/usr/share/info" "$root/usr/share/locale" \
    "$root/usr/share/lintian" "$root/usr/share/bug" -mindepth 1 -type d -empty -delete 2>/dev/null || true
  find "$root/var/log" -type f -delete
  # The time of a folder is that of whoever came last: packages are extracted several at once.
  find "$root" -xdev '(' -type d -o -newermt "@$epoch" ')' -exec touch -h -d "@$epoch" '{}' +
  # The squashfs tools of the tools tree: the same bytes on every machine that builds.
  mkdir -p "$tools/clean"
  mount --bind "$root" "$tools/clean"
  mount --bind "$out" "$tools/out"
  mount -t proc proc "$tools/proc" 2>/dev/null || mount --rbind /proc "$tools/proc"
  SOURCE_DATE_EPOCH='' && unset SOURCE_DATE_EPOCH
  chroot "$tools" mksquashfs /clean /out/root.squashfs -noappend -comp zstd -Xcompression-level 9 -mkfs-time "$epoch" \
    -no-progress -quiet
  chmod 0644 "$out"/*
}

case ${6:-all} in
  all)
    mount --make-rprivate /
    hostname localhost 2>/dev/null || true
    if [ "$architecture" != "$native" ]; then
      mkdir -p "$root/usr/lib/$(triplet "$native")"
      # What a phase registers must outlive its mounts: entries go with the last mount of binfmt_misc (Linux 6.7).
      [ -e /proc/sys/fs/binfmt_misc/register ] || mount -t binfmt_misc binfmt_misc /proc/sys/fs/binfmt_misc || :
    fi
    # Mounts of a phase end with its namespace.
    for phase in unpack configure; do unshare --mount sh "$self" "$folder" "$architecture" "$native" "$epoch" "$helpers" "$phase"; done
    finish
    ;;
  unpack) unpack ;;
  configure)
    mount_system "$root"
    configure
    ;;
esac
