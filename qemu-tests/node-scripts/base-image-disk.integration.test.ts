import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  closeSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

const templates = resolve(import.meta.dirname, '../../templates')
const mib = 1024 * 1024

/** Partitions as `base.image` leaves them: those of the base, its root first, then payload and seed, at these MiB; numbers as in clouds. */
const tables = {
  gpt: 'label: gpt\na1 : start=2048, size=32768, type=L, name=rootfs\na16 : start=36864, size=8192, type=L, name=payload\na17 : start=45056, size=32768, type=L, name=seed\n',
  mbr: 'label: dos\nstart=2048, size=32768, type=83\nstart=34816, size=49152, type=f\nstart=36864, size=8192, type=83\nstart=47104, size=32768, type=c\n',
  'mbr with an extended partition of the base':
    'label: dos\nstart=2048, size=32768, type=83\nstart=34816, size=51200, type=85\nstart=36864, size=4096, type=83\nstart=43008, size=8192, type=83\nstart=53248, size=32768, type=c\n',
} as const
const places = {
  gpt: { baseEnd: 17, payload: 18, seed: 22, numbers: { payload: 16, data: 18 } },
  mbr: { baseEnd: 17, payload: 18, seed: 23, numbers: { payload: 5, data: 7 } },
  'mbr with an extended partition of the base': {
    baseEnd: 20,
    payload: 21,
    seed: 26,
    numbers: { payload: 6, data: 8 },
  },
} as const

/** Without root or loop devices these tests are counted as skipped. */
const canAttach = process.getuid?.() === 0 && spawnSync('losetup', ['--find']).status === 0

describe.runIf(canAttach).each(['gpt', 'mbr', 'mbr with an extended partition of the base'] as const)(
  'the disk of a base that is not ours, %s',
  (table) => {
    let folder: string
    let root: string
    let image: string
    let loop: string

    const run = (program: string, ...args: readonly string[]): string =>
      execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
    const shim = (name: string, script: string): void => {
      writeFileSync(join(root, 'shims', name), `#!/bin/sh\n${script}\n`)
      chmodSync(join(root, 'shims', name), 0o755)
    }
    /** Partitions outlive the file behind a loop device. */
    const forget = (): void => {
      const name = basename(loop)
      const numbers = readdirSync(`/sys/class/block/${name}`).map((file) => file.replace(`${name}p`, ''))
      for (const number of numbers.filter((text) => /^\d+$/.test(text)))
        run('partx', '--delete', '--nr', number, loop)
    }
    const attach = (): void => {
      loop = run('losetup', '--find', '--show', image).trim()
      // What kernel, devtmpfs and udev do on a node: a kernel need not read tables by itself.
      forget()
      run('partx', '--add', loop)
      const name = basename(loop)
      shim(
        'udevadm',
        `for file in /sys/class/block/${name} /sys/class/block/${name}p*; do
  rm -f "${root}/dev/\${file##*/}"
  mknod "${root}/dev/\${file##*/}" b $(tr : ' ' <"$file/dev")
done`,
      )
      run(join(root, 'shims/udevadm'))
      loop = join(root, 'dev', name)
    }
    const tag = (number: number, name: string): string =>
      spawnSync('blkid', ['-p', '-s', name, '-o', 'value', `${loop}p${number}`], {
        encoding: 'utf8',
      }).stdout.trim()
    const entries = (): readonly string[] =>
      run('sfdisk', '--dump', loop)
        .split('\n')
        .filter((line) => line.startsWith(loop))
        .map((line) => line.replace(loop, ''))
    const bytesOfBase = (): string =>
      createHash('sha256')
        .update(readFileSync(image).subarray(mib, places[table].baseEnd * mib))
        .digest('hex')

    /** One start of the node: its mounts end with it. The last words tell what was mounted where. */
    const start = (): { readonly code: number | null; readonly said: string } => {
      rmSync(join(root, 'run'), { recursive: true, force: true })
      const script = `mount --make-rprivate / && sh ${root}/usr/lib/appliance/disk && findmnt -rn -o TARGET,FSTYPE | grep ${root}`
      const { status, stdout, stderr } = spawnSync('unshare', ['--mount', 'sh', '-c', script], {
        encoding: 'utf8',
        env: { ...process.env, APPLIANCE_ROOT: root, PATH: `${root}/shims:/usr/sbin:/usr/bin:/sbin:/bin` },
      })
      return { code: status, said: `${stdout}\n${stderr}` }
    }
    /** `/` is the first partition of the disk, is put together from what is on it, or is one subvolume of a btrfs there. */
    const rootIsOn = (way: 'partition' | 'sysroot' | 'subvolume'): void => {
      const device = run('stat', '-c', '%Hr:%Lr', `${loop}p1`).trim()
      const answers = {
        partition: { '-n -o MAJ:MIN /': device, '-n -v -o SOURCE /': `${loop}p1` },
        sysroot: {
          '-n -o MAJ:MIN /': '0:32',
          '-n -v -o SOURCE /': 'composefs',
          '-n -o MAJ:MIN /sysroot': device,
        },
        subvolume: { '-n -o MAJ:MIN /': '0:32', '-n -v -o SOURCE /': `${loop}p1` },
      }[way]
      const cases = Object.entries(answers).map(([words, answer]) => `'${words}') echo '${answer}' ;; `)
      shim('findmnt', `case "$*" in ${cases.join('')}*) exec /usr/bin/findmnt "$@" ;; esac`)
    }
    const mounted = (said: string): readonly string[] =>
      said
        .split('\n')
        .filter((line) => line.startsWith(root))
        .map((line) => line.replace(root, ''))
        .sort()
    const status = (): string => readFileSync(join(root, 'run/appliance/status'), 'utf8')

    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), 'base-image-disk-'))
      root = join(folder, 'root')
      image = join(folder, 'disk.img')
      for (const name of ['dev', 'shims', 'var/log/pods']) mkdirSync(join(root, name), { recursive: true })
      for (const name of ['sys', 'proc']) symlinkSync(`/${name}`, join(root, name))
      for (const tree of ['node', 'base-image'])
        cpSync(join(templates, tree, 'usr'), join(root, 'usr'), { recursive: true })
      writeFileSync(join(root, 'var/log/pods/kept'), 'of the base')
      const parts = join(folder, 'part')
      writeFileSync(image, '')
      truncateSync(image, 128 * mib)
      execFileSync('sfdisk', ['--quiet', image], { input: tables[table] })
      const put = (at: number): void => {
        run('dd', `if=${parts}`, `of=${image}`, 'bs=1M', `seek=${at}`, 'conv=notrunc', 'status=none')
        rmSync(parts)
      }
      run('mke2fs', '-q', '-t', 'ext4', '-L', 'rootfs', parts, '16M')
      put(1)
      mkdirSync(join(folder, 'payload'))
      writeFileSync(join(folder, 'payload', 'SHA256SUMS'), '')
      run('mksquashfs', join(folder, 'payload'), parts, '-quiet', '-no-progress')
      put(places[table].payload)
      run('mkfs.vfat', '-C', '-n', 'CIDATA', parts, '16384')
      put(places[table].seed)
      if (places[table].baseEnd > 17) {
        run('mke2fs', '-q', '-t', 'ext4', '-L', 'settings', parts, '2M')
        put(18)
      }
      attach()
      rootIsOn('partition')
      // The journal and the console of this machine are not the node's.
      writeFileSync(join(root, 'console'), '')
    })
    afterEach(() => {
      forget()
      run('losetup', '--detach', loop)
      rmSync(folder, { recursive: true, force: true })
    })

    test.each([
      ['what the root is put together from, as ostree and composefs do', 'sysroot'],
      ['the device of the btrfs that the root is a subvolume of', 'subvolume'],
    ] as const)('is found by %s', (_, way) => {
      rootIsOn(way)
      const { code, said } = start()
      expect(code, said).toBe(0)
      expect(mounted(said)).toContain('/payload squashfs')
      expect(tag(places[table].numbers.data, 'LABEL')).toBe('data')
    })

    test('has the types that SELinux lets systemd run and k3s write, where there is a policy', () => {
      rmSync(join(root, 'sys'))
      mkdirSync(join(root, 'sys/fs/selinux'), { recursive: true })
      for (const name of ['block', 'class', 'dev', 'devices'])
        symlinkSync(join('/sys', name), join(root, 'sys', name))
      writeFileSync(join(root, 'sys/fs/selinux/enforce'), '1')
      // This kernel has no policy and takes no types.
      shim(
        'mount',
        `echo "$*" | sed -n 's/.*\\(-t [a-z0-9]* -o [^ ]*\\).*/asked: \\1/p' >&2
for each; do
  shift
  case $each in *=system_u:*) each=\${each%,*} ;; esac
  set -- "$@" "$each"
done
exec /usr/bin/mount "$@"`,
      )
      shim('restorecon', `[ -d "$1" ] && echo "typed: \${1#"$APPLIANCE_ROOT"}" >&2`)
      const { code, said } = start()
      expect(code, said).toBe(0)
      expect(said.split('\n').filter((line) => line.startsWith('asked:'))).toEqual([
        'asked: -t ext4 -o noatime,rootcontext=system_u:object_r:var_lib_t:s0',
        'asked: -t squashfs -o ro,context=system_u:object_r:bin_t:s0',
      ])
      expect(said.split('\n').filter((line) => line.startsWith('typed:'))).toEqual([
        'typed: /var/lib/appliance',
        'typed: /var/lib/rancher',
        'typed: /var/lib/kubelet',
        'typed: /var/lib/cni',
        'typed: /var/log/pods',
        'typed: /var/log/containers',
      ])
    })

    test('is made whole at the first start, is as it was at the second, and grows with its medium', () => {
      const base = bytesOfBase()
      const [first, ...others] = entries()
      const { code, said } = start()
      expect(code, said).toBe(0)
      expect(mounted(said)).toEqual(
        [
          '/data ext4',
          '/payload squashfs',
          ...['appliance', 'cni', 'kubelet', 'rancher'].map((name) => `/var/lib/${name} ext4`),
          ...['containers', 'pods'].map((name) => `/var/log/${name} ext4`),
        ].sort(),
      )
      const { data } = places[table].numbers
      expect([tag(data, 'TYPE'), tag(data, 'LABEL')]).toEqual(['ext4', 'data'])
      expect(bytesOfBase()).toBe(base)
      // Only the extended partition of an MBR has another size than before.
      const kept = table === 'gpt' ? others : others.slice(1)
      expect(entries()[0]).toBe(first)
      for (const line of kept) expect(entries()).toContain(line)

      const made = [tag(data, 'UUID'), entries()]
      expect(start().code).toBe(0)
      expect([tag(data, 'UUID'), entries()]).toEqual(made)

      truncateSync(image, 192 * mib)
      run('losetup', '--set-capacity', loop)
      const grown = start()
      expect(grown.code, grown.said).toBe(0)
      expect(tag(data, 'UUID')).toBe(made[0])
      const size = Number(/size= *(\d+)/.exec(entries().at(-1) ?? '')?.[1]) * 512
      expect(size).toBeGreaterThan((192 - 45) * mib)
      expect(Number(run('blockdev', '--getsize64', `${loop}p${data}`))).toBe(size)
    })

    if (table === 'gpt') {
      /** Of a base whose initrd makes this entry anew. */
      const entry = 2
      const madeByInitrd = (): void =>
        writeFileSync(join(root, 'usr/lib/appliance/release'), `DATA_ENTRY='${entry}'\n`)
      const lose = (): void => {
        run('partx', '--delete', '--nr', String(entry), loop)
        run('sfdisk', '--quiet', '--no-reread', '--delete', loop, String(entry))
      }
      /** What kiwi-repart does: the entry is deleted and made anew up to the end, with a name of its own. */
      const makeBare = (name: string): void => {
        if (entries().length > 3) lose()
        run('sfdisk', '--quiet', '--no-reread', '--relocate', 'gpt-bak-std', loop)
        const input = `a${entry} : type=L, name=${name}\n`
        execFileSync('sfdisk', ['--quiet', '--no-reread', '--append', loop], { input })
        run('partx', '--add', '--nr', String(entry), loop)
        run(join(root, 'shims/udevadm'))
      }
      /** Two labels of ZFS lie at the end of a medium; a uberblock for each KiB (openzfs, include/sys/uberblock_impl.h). */
      const layZfs = (): void => {
        const size = Number(run('blockdev', '--getsize64', `${loop}p${entry}`))
        const block = Buffer.alloc(1024)
        block.writeBigUInt64LE(0x00bab10cn)
        block.writeBigUInt64LE(5000n, 8)
        const blocks = Buffer.concat(Array.from({ length: 128 }, () => block))
        const device = openSync(`${loop}p${entry}`, 'r+')
        for (const label of [512, 256])
          writeSync(device, blocks, 0, blocks.length, size - (label - 128) * 1024)
        closeSync(device)
      }

      test('fills a partition that an initrd has made, whatever lies there from before, and keeps what it filled', () => {
        madeByInitrd()
        makeBare('data-to-be')
        run('mkfs.ext4', '-q', '-L', 'data', `${loop}p${entry}`)
        const old = tag(entry, 'UUID')
        layZfs()
        shim('mkfs.ext4', 'exit 1')
        expect(start().code).toBe(1)
        expect(status()).toContain('error=the data file system cannot be made')
        rmSync(join(root, 'shims/mkfs.ext4'))
        const first = start()
        expect(first.code, first.said).toBe(0)
        const made = tag(entry, 'UUID')
        expect(tag(entry, 'LABEL')).toBe('data')
        expect([old, '']).not.toContain(made)
        expect(start().code).toBe(0)
        expect(tag(entry, 'UUID')).toBe(made)

        truncateSync(image, 192 * mib)
        run('losetup', '--set-capacity', loop)
        makeBare('p.lxroot')
        const grown = start()
        expect(grown.code, grown.said).toBe(0)
        expect(tag(entry, 'UUID')).toBe(made)
        expect(Number(run('blockdev', '--getsize64', `${loop}p${entry}`))).toBeGreaterThan((192 - 45) * mib)

        // The power was cut between the two.
        lose()
        const restored = start()
        expect(restored.code, restored.said).toBe(0)
        expect(tag(entry, 'UUID')).toBe(made)

        run('mkfs.ext4', '-q', '-F', '-L', 'data', `${loop}p${entry}`)
        expect(start().code).toBe(1)
        expect(status()).toContain('error=the data partition does not hold what this node made there')
      })

      test('takes the entry from before the payload where the initrd has not made it', () => {
        madeByInitrd()
        const input = `a${entry} : start=34816, size=2048, type=L, name=data-to-be\n`
        execFileSync('sfdisk', ['--quiet', '--no-reread', '--append', loop], { input })
        run('partx', '--add', '--nr', String(entry), loop)
        run(join(root, 'shims/udevadm'))
        shim('sfdisk', 'exit 1')
        expect(start().code).toBe(1)
        rmSync(join(root, 'shims/sfdisk'))
        const made = start()
        expect(made.code, made.said).toBe(0)
        expect(mounted(made.said)).toContain('/data ext4')
        expect(entries().length).toBe(4)
        const uuid = tag(entry, 'UUID')
        expect(start().code).toBe(0)
        expect(tag(entry, 'UUID')).toBe(uuid)
      })

      test('never makes a file system in a partition that somebody else has made', () => {
        makeBare('media')
        run('mkfs.ext4', '-q', '-L', 'media', `${loop}p${entry}`)
        start()
        expect(tag(entry, 'LABEL')).toBe('media')
      })
    }

    test('is made anew when the power was cut before its partition stood in the table', () => {
      shim('sfdisk', 'exit 1')
      const cut = start()
      expect(cut.code).toBe(1)
      expect(status()).toContain('error=the data partition cannot be made')
      rmSync(join(root, 'shims', 'sfdisk'))
      const again = start()
      expect(again.code, again.said).toBe(0)
    })

    test('says what is missing when there is no seed', () => {
      run(
        'dd',
        'if=/dev/zero',
        `of=${loop}p${places[table].numbers.payload + 1}`,
        'bs=1M',
        'count=1',
        'status=none',
      )
      expect(start().code).toBe(1)
      expect(status()).toContain('error=the disk of this node has no seed partition: write the image anew')
    })
  },
)
