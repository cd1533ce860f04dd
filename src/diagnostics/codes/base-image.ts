import type { CodeEntry } from './entry.ts'

/** R035: a base image of the user's own, as the profile names it. */
export const baseImageRuleCodes = {
  R0350: {
    title: 'base image without one source',
    explanation:
      '`base.image` names one disk image: by `file`, a path relative to the profile, or by `url`, from which `lock` downloads it once. Not both, and not neither.',
  },
  R0351: {
    title: 'base image from an address that proves nothing',
    explanation:
      'A base image is the whole system under k3s: whoever can change it on its way owns every node. `https://` shows that it comes from where it says; with `http://` say what its `sha256` is. After the first `lock` the checksum in the lock decides, whatever the address sends.',
  },
  R0352: {
    title: 'setting that means nothing for a base image of your own',
    explanation:
      '`base.os`, `base.packages`, `base.kernel` and `pi` shape a base that is made here. Into an image of your own nothing is installed, and its partitions stay as they are: packages, kernel and config.txt are what you gave it.',
  },
  R0365: {
    title: 'wireless network on a base image with Ignition',
    explanation:
      'Fedora CoreOS and Flatcar have no program that joins a wireless network: on Fedora CoreOS NetworkManager-wifi, wpa_supplicant and the firmware are installed later, over a cable that reaches the internet (docs.fedoraproject.org, "Enabling Wi-Fi"). Nothing has shown that openSUSE MicroOS joins one. A node that counts on it would not be reached. A base image with cloud-init that brings what it needs, such as Raspberry Pi OS, joins a wireless network, and so does a base that is made here.',
  },
  R0353: {
    title: 'base image for boards of two architectures',
    explanation:
      'A disk image holds programs for one architecture, and a profile names one. The base that is made here (`base` without `image`) is built for each architecture that the nodes have.',
  },
} as const satisfies Record<string, CodeEntry>

/** L007, L008: what the file of a base image turned out to be. */
export const baseImageLockCodes = {
  L0071: {
    title: 'base image that is not there, or not the one that is named',
    explanation:
      'The file under `base.image.file` is missing, or what was found has another checksum than `base.image.sha256` says. An image under the same name that changed is not taken: correct the checksum when the change is wanted.',
  },
  L0072: {
    title: 'base image of another form',
    explanation:
      'What a file is, its first bytes tell: `raw` (a disk with a partition table), `qcow2`, or a raw disk packed by `xz`, `zst` or `gz`. Where `format` says otherwise, one of the two is a mistake. A qcow2 in a packer is unpacked first by hand; archives (`.zip`, `.tar`) and installers (`.iso`) are no disk images.',
  },
  L0073: {
    title: 'qcow2 that is not whole by itself',
    explanation:
      "A qcow2 may take what it lacks from another file: a backing file or an external data file, named inside it. Such a file is of the machine that made it, may be changed without anyone's notice, and could name any file here, so it is never opened. `qemu-img convert -O qcow2 old.qcow2 whole.qcow2`, run where both files are, makes a whole one. Encrypted ones cannot be read.",
  },
  L0074: {
    title: 'base image that is cut short or damaged',
    explanation:
      'The packed file ends before its content does, or does not have the checksum inside it. Most often a download that stopped: get it again, and add its `sha256` to the profile so that the next one is noticed.',
  },
  L0075: {
    title: 'base image that is larger than it may be',
    explanation:
      'A packed file of a few megabytes can hold terabytes. Images are unpacked to the size that the file itself declares, never beyond it, and to 64 GiB at most; whatever goes on is refused. A disk that is larger than that needs no such size as a base: shrink it, since nothing of a base grows.',
  },
  L0076: {
    title: 'base image without a sound partition table',
    explanation:
      'The partition table must be whole before ours are added to it: a GPT with both of its copies, or an MBR; every partition inside the disk, and none over another. An image that was cut short has lost its backup GPT. Disks with sectors of 4096 bytes are not taken.',
  },
  L0077: {
    title: 'partition table without room',
    explanation:
      'Two partitions are added: k3s with its images, and the seed. A GPT needs two free entries; an MBR has four, of which one must be free for an extended partition that holds ours. Where it has an extended partition already, ours become the next logical ones in it, and so does the data partition that a node makes. It must reach to the end of the medium then: no primary partition may be behind it, there may be no second one, and the chain of its logical partitions must be one that every program reads alike, with no empty link (`fdisk` and `sfdisk` leave none behind) and with room for three more up to the number 60. An MBR with four primary partitions has no place for ours: convert the image to GPT (`sgdisk --mbrtogpt`), where its boot loader allows.',
  },
  L0078: {
    title: 'base image that does not start on the board',
    explanation:
      "The image's programs are for another architecture than the boards of the nodes, or the image has no boot loader that the board's firmware looks for: `EFI/BOOT/BOOTAA64.EFI` or `BOOTX64.EFI` on a FAT partition for UEFI, for Raspberry Pis `config.txt`, with device trees beside it or below the `os_prefix` that it names.",
  },
  L0079: {
    title: 'base image with no front end that takes a configuration',
    explanation:
      'A node learns what it is from cloud-init or Ignition, and this image has neither, or a cloud-init that asks only a cloud (`datasource_list` without `NoCloud`). Install cloud-init in the image, or use one of those in docs/bases.md.',
  },
  L0080: {
    title: 'base image that cannot be given its configuration without mounting it',
    explanation:
      'This base keeps its system, or what its front end reads, on a file system that only a kernel can read and write (btrfs, xfs), or on one that was not closed cleanly. Nothing is mounted here, so that nothing in an image of others can do harm. docs/bases.md says which images can be used. Documents that `appliance render` prints are no way around it: they alone make no node, since k3s and its keys are on partitions of the image. Where nothing but their own place cannot be written, as on Flatcar, images are built and you bring them (L0087).',
  },
  L0083: {
    title: 'base image whose initrd would undo ours',
    explanation:
      "The initrd of this image makes partitions anew at a start, in a way that would destroy the system or ours. That of openSUSE MicroOS for virtual machines (kiwi's module `kiwi-repart`) is known: it takes the entry with root's number, which becomes the data partition in our images. That works where root is the last partition by number and by place, on a GPT with no MBR beside it; images for boards have one. Other images encrypt their root at the first start (`disk-encryption-tool`), or let systemd-repart make their table (`systemd-repart-dracut`). What switches them off stands in the initrd, where nothing of ours reaches. Use the image for virtual machines that starts by GRUB, one that you build by kiwi with `<oem-resize>false</oem-resize>`, or another system of docs/bases.md.",
  },
  L0095: {
    title: 'base image where the network is not written by netplan',
    explanation:
      'cloud-init hands the network of a node on to what the image has for it. `enp1s0`, `end0` and `eth0` are all meant where a profile names no interface, and only netplan understands a pattern: for ifupdown, networkd and NetworkManager cloud-init writes an interface with the name `wired`, which no machine has, and at a static address with a gateway it fails (25.1, seen with `cloud-init devel net-convert`). The node would start without a network. Install netplan (`netplan.io` of Debian and Ubuntu) in the image; below it networkd or NetworkManager does the work as before. Where `renderers` is not set, cloud-init asks ifupdown before netplan, even if both are there: take ifupdown out, or put `system_info: { network: { renderers: [netplan] } }` into a file of `/etc/cloud/cloud.cfg.d`. Settings of the image under `network`, such as `network: {config: disabled}`, go before those of every node: take them out.',
  },
  L0081: {
    title: 'base image with the other front end',
    explanation:
      '`provision` says in which language nodes are configured, and the image speaks the other one: Debian cloud images, Ubuntu and Raspberry Pi OS have cloud-init, Fedora CoreOS, Flatcar, openSUSE MicroOS and SL Micro have Ignition.',
  },
  L0085: {
    title: 'base image that has been started before',
    explanation:
      'Ignition sets a system up at its first start, and the boot loader asks for it only as long as nobody has started the disk: on Fedora CoreOS by the file `/ignition.firstboot` of the boot partition, on Flatcar by `flatcar/first_boot` of the EFI partition, and on openSUSE MicroOS and SL Micro as long as there is neither a machine id, in what has changed in `/etc` too, nor `/boot/writable/firstboot_happened`. Without it nothing of the profile would reach the node. Use the image as it was downloaded, not a copy of a machine that has run. A base with cloud-init that has been started has a machine id (`/etc/machine-id`), which all nodes would share, as one machine for DHCP servers, logs and more; or cloud-init has set it up once (`/var/lib/cloud/instances`). Where a card was started to install something in it: run `cloud-init clean --logs --machine-id` there at last, shut it down at once, and read it back.',
  },
  L0086: {
    title: 'base image with an Ignition config of its own',
    explanation:
      '`coreos-installer` puts a config on the boot partition of a disk, and the one for the node has to lie in the same place. What yours says would be lost without a word. Use the image as it was downloaded, and name your config under `userData`: both are merged, by the rules of docs/user-data.md.',
  },
  L0087: {
    title: 'base image whose Ignition config is brought by you',
    explanation:
      'Flatcar reads its config from the file `config.ign` of its OEM partition, a btrfs, which only a kernel can write to, and nothing is mounted here. Images are built with k3s, keys and seed behind the partitions of Flatcar, and without the config: until it has it, a node is a plain Flatcar. Bring what `appliance render <profile> --node <name>` prints: mount the OEM partition of the written medium and copy it there as `config.ign`, or give it by the platform (`opt/org.flatcar-linux/config` of QEMU, cloud metadata, `ignition.config.url=` on the kernel command line). It holds nothing secret.',
  },
  L0082: {
    title: 'base image without a program that a node needs',
    explanation:
      'On a base image of your own nothing is installed. At its first start a node makes its data partition with sfdisk, partx, losetup and e2fsprogs, asks for its cluster with curl, and later it looks at certificates with openssl: an image that lacks one of these would stop at the site. Where the kernel has AppArmor on, no pod starts without apparmor_parser. Install the package in the image, or use another image of the same system: the cloud images of Debian and Ubuntu and Raspberry Pi OS have these. What only some profiles ask for is told where they do: nft for `site.firewall` (cloud images of Debian lack it), sshd for keys of users, sudo for those who may use it, systemd-timesyncd or chrony for `site.ntp`, the kernel module vxlan for the network of pods. `lock` writes down which of these the image lacks. A node with `network.wifi` needs wpa_supplicant, and NetworkManager or networkd with netplan: Raspberry Pi OS has them, cloud images of Debian and Ubuntu do not have the first.',
  },
  L0090: {
    title: 'base image with a k3s of its own',
    explanation:
      "The node's k3s comes with the payload, in the version of the profile and with settings from its seed. A base in which k3s or another Kubernetes has been installed or has run takes its place or mixes with it: its unit below `/etc/systemd/system` comes before ours, what lies in `/etc/rancher` is read beside ours, and the database and keys below `/var/lib/rancher` would go on on every node. Use an image without it; `k3s-uninstall.sh` and `rm -r /etc/rancher` take one out.",
  },
  L0091: {
    title: 'base image with documents for cloud-init of its own',
    explanation:
      "cloud-init's NoCloud takes the documents of a node from its seed. This base has some already, and it takes those instead, or mixes both: a file system labelled `CIDATA` (of two it takes the one whose device has the last name, as text), `/var/lib/cloud/seed/nocloud`, `user-data` and `meta-data` in its settings, or a server that `seedfrom` names. Remove them from the image, and name what they say under `userData`: both are merged, by the rules of docs/user-data.md.",
  },
  L0092: {
    title: 'base image whose kernel lacks a module',
    explanation:
      "A node makes its data partition on a loop device and has its payload as a squashfs; k3s needs overlay, br_netfilter and nf_conntrack. None of the kernels in the image has this module, neither built in nor below `/lib/modules` (`modules.dep`, `modules.builtin`). Install the kernel of the distribution that has it: on Ubuntu it may be in `linux-modules-extra` of the kernel's release.",
  },
} as const satisfies Record<string, CodeEntry>
