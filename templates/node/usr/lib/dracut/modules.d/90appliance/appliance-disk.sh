#!/bin/sh
# In the initrd, after /sysroot is mounted: finds the disk that holds root, makes or grows its data partition, mounts it
# and what lies on it. May be cut off at any instant and run again:
#   - systemd-repart makes the file system first and writes the table last, so a data partition is whole or absent;
#   - /data/var is copied under another name, synced, then renamed.
# A fault that a retry may mend (a disk that comes late, a read error) ends in a reboot after a minute with the reason on
# the console: nobody is there to answer a shell, and the next start may do better. Data is never made anew over old data.
set -u
root=/sysroot
data=$root/data
links=/run/appliance/disk

say() {
  printf 'appliance: %s\n' "$*"
  { printf 'appliance: %s\r\n' "$*" >/dev/console; } 2>/dev/null || :
}

give_up() {
  say "failed: $*"
  say 'starting again in 60 seconds'
  sleep 60
  exit 1
}

# The block device of a mount point, as sysfs folder of the partition. Field 3 of mountinfo is its major:minor.
partition_of() {
  while read -r _ _ po_number _ po_point _; do
    if [ "$po_point" = "$1" ]; then
      readlink -f "/sys/dev/block/$po_number"
      return
    fi
  done </proc/self/mountinfo
}

# uevent_value FOLDER KEY
uevent_value() {
  sed -n "s/^$2=//p" "$1/uevent"
}

# name_of FOLDER DEVICE: the kernel knows the names it has read from the table itself, not of a partition that was added
# while it ran (BLKPG carries none).
name_of() {
  no_name=$(uevent_value "$1" PARTNAME)
  if [ -z "$no_name" ]; then no_name=$(blkid -p -s PART_ENTRY_NAME -o value "$2"); fi
  printf '%s\n' "$no_name"
}

# Links by partition name, of this disk alone: a second disk may carry the same image.
link_partitions() {
  mkdir -p "$links"
  for lp_part in "$disk"/*/partition; do
    [ -e "$lp_part" ] || continue
    lp_device=/dev/$(uevent_value "${lp_part%/*}" DEVNAME)
    lp_name=$(name_of "${lp_part%/*}" "$lp_device")
    case $lp_name in
      boot | root-a | payload | seed | data) ln -sfn "$lp_device" "$links/$lp_name" ;;
    esac
  done
}

# 512-byte sectors behind the last partition of the disk.
sectors_left() {
  sl_end=0
  for sl_part in "$disk"/*/partition; do
    read -r sl_start <"${sl_part%/*}/start"
    read -r sl_size <"${sl_part%/*}/size"
    [ $((sl_start + sl_size)) -gt "$sl_end" ] && sl_end=$((sl_start + sl_size))
  done
  read -r sl_disk <"$disk/size"
  echo $((sl_disk - sl_end))
}

# Only when there is something to do: the table is not written at an ordinary start. 2 MiB: alignment and backup table.
# Nothing is discarded: a card may take minutes to erase itself whole, and some hang; fstrim.timer does it bit by bit.
make_or_grow() {
  [ -e "$links/data" ] && [ "$(sectors_left)" -lt 8192 ] && return 0
  [ -e "$links/data" ] || say 'first start: making the data partition'
  mg_left=3
  until systemd-repart --dry-run=no --discard=no --empty=refuse --definitions=/usr/lib/appliance/repart.d --seed=random \
    "/dev/$(uevent_value "$disk" DEVNAME)"; do
    mg_left=$((mg_left - 1))
    [ "$mg_left" -gt 0 ] || return 1
    sleep 3
  done
  udevadm settle --timeout=20 || :
  link_partitions
}

check_data() {
  e2fsck -p "$links/data"
  cd_code=$?
  # 4: errors that need a yes. Nobody can give it here, and a node that does not start helps less.
  if [ "$cd_code" -ge 4 ] && [ "$cd_code" -lt 8 ]; then
    say 'repairing the data partition'
    e2fsck -y "$links/data"
    cd_code=$?
  fi
  [ "$cd_code" -lt 4 ]
}

# fill NAME: /data/NAME from the root's own folder, once.
fill() {
  [ -d "$data/$1" ] && return 0
  rm -rf "$data/$1.new"
  cp -a "$root/$1" "$data/$1.new" || return 1
  sync
  mv "$data/$1.new" "$data/$1" || return 1
  sync
}

bind() {
  fill "$1" && mount --bind "$data/$1" "$root/$1"
}

root_part=$(partition_of "$root")
[ -e "$root_part/partition" ] || give_up 'root is not on a partition of a disk'
disk=${root_part%/*}
link_partitions
make_or_grow || give_up 'the data partition cannot be made: is the disk large enough and writable?'
[ -e "$links/data" ] || give_up 'the data partition has been made but does not appear'
check_data || give_up 'the data partition is damaged beyond repair'
mount -t ext4 -o noatime "$links/data" "$data" || give_up 'the data partition cannot be mounted'
resize2fs "$links/data" || say 'warning: the data file system cannot be grown'

for folder in var home root; do
  bind "$folder" || give_up "/$folder cannot be set up on the data partition"
done
mkdir -p "$data/etc/upper" "$data/etc/work"
mount -t overlay -o "lowerdir=$root/etc,upperdir=$data/etc/upper,workdir=$data/etc/work" appliance-etc "$root/etc" ||
  give_up '/etc cannot be set up on the data partition'

# Without its payload the node starts all the same: one can log in, and the launcher tells what is missing.
mount -t squashfs -o ro "$links/payload" "$root/payload" || say 'warning: the payload partition cannot be mounted'
exit 0
