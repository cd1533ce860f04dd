import fc from 'fast-check'
import { expect, test } from 'vitest'
import { lineColumnOf } from '../diagnostics/source-file.ts'
import { sampleBaseImage, samplePiImage } from './base-image/testing.ts'
import type { Lock } from './lock.ts'
import { parseLock, printLock } from './lock-file.ts'
import { parsePackageLine, printPackageLine } from './package-line.ts'

const sha = (digit: string): string => digit.repeat(64)
const blob = (text: string, mediaType: string) => ({ mediaType, sha256: sha(text), sizeBytes: text.length })

const bash = {
  name: 'bash',
  version: '5.2.37-2+b5',
  architecture: 'arm64',
  filename: 'pool/main/b/bash/bash_5.2.37-2+b5_arm64.deb',
  archive: 'debian',
  sha256: sha('a'),
  sizeBytes: 1498948,
} as const

const lock: Lock = {
  lockVersion: 1,
  created: '2026-11-22T17:45:00Z',
  base: {
    recipe: 'debian-13',
    archives: { debian: 'http://deb.debian.org/debian' },
    requested: { arm64: ['bash'] },
    packages: { arm64: [bash] },
    kernels: {
      arm64: {
        'stable-4k': {
          source: 'stable',
          pages: '4k',
          release: '6.12.118+deb13-arm64',
          packages: [{ ...bash, name: 'linux-image-6.12.118+deb13-arm64' }],
          time: 1794475821,
          board: {
            package: 'x',
            folder: 'usr/lib/x/broadcom',
            deviceTrees: ['bcm2711-rpi-4-b.dtb'],
            overlays: null,
          },
        },
        'given-16k': {
          source: 'given',
          pages: '16k',
          release: '6.12.47+rpt-rpi-2712',
          packages: [{ ...bash, archive: 'profile', filename: 'linux%20image.deb' }],
          time: 1794475822,
          board: {
            package: 'x',
            folder: 'usr/lib/x/broadcom',
            deviceTrees: ['bcm2712-rpi-5-b.dtb'],
            overlays: {
              folder: 'usr/lib/x/overlays',
              maps: ['overlay_map.dtb'],
              byName: { 'disable-bt': [], 'w1-gpio': ['gpiopin', 'pullup'] },
              parameters: { 'bcm2712-rpi-5-b.dtb': ['i2c_arm'] },
            },
          },
        },
      },
    },
    times: { arm64: 1794475820 },
    firmware: {},
    image: null,
    tools: { amd64: [{ ...bash, architecture: 'amd64', sha256: sha('b') }] },
  },
  k3s: {
    version: 'v1.33.1+k3s1',
    source: 'https://example.com/',
    files: {
      arm64: {
        binary: { name: 'k3s-arm64', sha256: sha('c'), sizeBytes: 7 },
        airgapImages: { name: 'k3s-airgap-images-arm64.tar.zst', sha256: sha('d'), sizeBytes: 8 },
        imagesUnpackedBytes: 800,
      },
    },
    imageList: { name: 'k3s-images.txt', sha256: sha('e'), sizeBytes: 9 },
    imageNames: ['docker.io/rancher/mirrored-pause:3.6'],
  },
  files: [{ name: 'images/app: one.tar', sha256: sha('f'), sizeBytes: 0 }],
  userData: [
    {
      kind: 'cloud-config',
      file: './site/user-data.yaml',
      sha256: sha('7'),
      config: { runcmd: ['echo "#no: comment"', `: ${'long '.repeat(3000)}`] },
    },
    {
      kind: 'ignition',
      file: './site/scale.bu',
      sha256: sha('8'),
      config: {
        ignition: { version: '3.3.0' },
        passwd: { users: [{ name: 'kiosk' }], groups: [] },
        storage: {
          directories: [],
          files: [{ path: '/etc/motd', overwrite: true, contents: { source: 'data:,on%0A' }, mode: 0o644 }],
          links: [],
        },
        systemd: { units: [{ name: 'a.service', contents: '[Service]\n# "no"\n' }] },
      },
    },
  ],
  workloads: [
    {
      entry: 'manifest ./manifests',
      request: sha('1'),
      digest: sha('2'),
      manifests: [
        {
          fileName: 'one.yaml',
          content: {
            kind: 'artifact',
            artifact: { name: './manifests/one.yaml', sha256: sha('3'), sizeBytes: 9 },
          },
        },
        {
          fileName: 'two.yaml',
          content: { kind: 'template', parts: ['a: ', { secret: 'pass', as: 'json' }, '\nb: "c"\n'] },
        },
      ],
      served: [{ name: 'podinfo-0123.tgz', sha256: sha('4'), sizeBytes: 12 }],
      images: [
        {
          image: 'docker.io/library/nginx:1.29',
          certainty: 'certain',
          pull: 'other',
          by: './my manifests/one.yaml:14:16',
        },
      ],
      notRendered: 'helm is not installed',
    },
  ],
  images: [
    {
      key: 'docker.io/library/nginx:1.29',
      name: 'docker.io/library/nginx:1.29',
      index: sha('5'),
      platforms: {
        arm64: {
          manifest: blob('6', 'application/vnd.oci.image.manifest.v1+json'),
          config: blob('c', 'application/vnd.oci.image.config.v1+json'),
          layers: [blob('7', 'application/vnd.docker.image.rootfs.diff.tar.gzip')],
        },
      },
    },
    { key: 'file ./oven.tar', name: 'example.com/oven:1', index: null, platforms: {} },
  ],
}

const used: Lock = { ...lock, cluster: { name: 'lab', fingerprint: 'ab'.repeat(16) } }

const parse = (text: string) => parseLock({ path: 'lab.lock.yaml', text })

test('a lock is read back as it was written, one line a package', () => {
  const text = printLock(lock)
  expect(parse(text)).toEqual([lock, []])
  expect(printLock(parse(text)[0] as Lock)).toBe(text)
  expect(text.split('\n')).toContain(
    `      - bash 5.2.37-2+b5 arm64 debian 1498948 ${sha('a')} pool/main/b/bash/bash_5.2.37-2+b5_arm64.deb`,
  )
})

test('firmware of boot partitions is kept apart from the packages of a root', () => {
  const withFirmware: Lock = {
    ...lock,
    base: { ...lock.base, firmware: { arm64: [{ ...bash, name: 'raspi-firmware' }] } },
  }
  expect(parse(printLock(withFirmware))).toEqual([withFirmware, []])
})

test('a lock keeps the fingerprint of the cluster that was built with it', () => {
  expect(parse(printLock(used))).toEqual([used, []])
  expect(printLock(used)).toBe(`${printLock(lock)}cluster:\n  name: lab\n  fingerprint: ${'ab'.repeat(16)}\n`)
})

test.each([
  ['nothing', '', 'L0002', 1],
  ['no version', 'created: 2026-11-22T17:45:00Z\n', 'L0002', 1],
  ['another version', '\nlockVersion: 2\n', 'L0003', 2],
  ['text that is cut', printLock(lock).slice(0, 700), 'L0002', undefined],
  ['a hash that is no hash', printLock(lock).replace(sha('c'), 'c0ffee'), 'L0002', undefined],
  ['a path that leaves the archive', printLock(lock).replace('pool/main', '../main'), 'L0002', undefined],
  ['a time that is none', printLock(lock).replace('2026-11-22T17:45:00Z', 'yesterday'), 'L0002', 4],
  ['a fingerprint that is none', printLock(used).replace(/abab\n$/, 'xy\n'), 'L0002', undefined],
  ['a negative size', printLock(lock).replace('sizeBytes: 7', 'sizeBytes: -7'), 'L0002', undefined],
  ['an unknown architecture', printLock(lock).replace(/^ {4}amd64:/m, '    riscv64:'), 'L0002', undefined],
])('%s is no lock', (_, text, code, line) => {
  const [value, faults] = parse(text)
  expect(value).toBeUndefined()
  const fault = faults[0]
  expect(fault?.code).toBe(code)
  expect(fault?.help).toBe('run `appliance lock lab.yaml`')
  const range = fault?.range
  if (line !== undefined && range !== undefined) expect(lineColumnOf(range.file, range.start).line).toBe(line)
})

test('any package survives its line', () => {
  const word = fc.stringMatching(/^[a-z0-9][a-z0-9+.~:-]{1,20}$/)
  fc.assert(
    fc.property(
      word,
      word,
      fc.nat(),
      fc.constantFrom('all', 'arm64', 'amd64'),
      (name, version, size, cpu) => {
        const pin = { ...bash, name, version, architecture: cpu as 'all', sizeBytes: size }
        expect(parsePackageLine(printPackageLine(pin))).toEqual(pin)
      },
    ),
  )
})

test.each([
  ['a cloud image', sampleBaseImage],
  ['one without much', { ...sampleBaseImage, lacks: ['nft', 'vxlan'], chrony: '/etc/chrony/chrony.conf' }],
  ['a card of a Raspberry Pi', samplePiImage],
  [
    'one of which little is known',
    {
      ...sampleBaseImage,
      distribution: { id: 'arch', version: '' },
      configuration: {
        way: 'ignition-file',
        partition: 3,
        path: '/config.ign',
        ignition: { system: 'coreos', spec: '3.5.0' },
      },
    },
  ],
] as const)('a base image stands in the lock with all that is known of it: %s', (_name, image) => {
  const own: Lock = { ...lock, base: { ...lock.base, image } }
  expect(parseLock({ path: 'a.lock.yaml', text: printLock(own) })).toEqual([own, []])
})
