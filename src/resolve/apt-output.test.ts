import { expect, test } from 'vitest'
import { parseMadison, parsePrintUris, parseUnknownPackages } from './apt-output.ts'

const archives = {
  debian: 'http://deb.debian.org/debian',
  'debian-security': 'http://deb.debian.org/debian-security/',
}
const sha256 = '0123456789abcdef'.repeat(4)

test('print-uris: epochs, escapes and archives, sorted by name', () => {
  const text = [
    'NOTE: not a package',
    `'http://deb.debian.org/debian-security/pool/updates/main/z/zlib/zlib1g_1.3.1-1%2bdeb13u1_arm64.deb' zlib1g_1%3a1.3.dfsg+really1.3.1-1+deb13u1_arm64.deb 88100 SHA256:${sha256}`,
    `'http://deb.debian.org/debian/pool/main/a/adduser/adduser_3.152_all.deb' adduser_3.152_all.deb 190932 SHA256:${sha256}`,
    '',
  ].join('\n')
  expect(parsePrintUris(text, archives)).toEqual([
    {
      name: 'adduser',
      version: '3.152',
      architecture: 'all',
      filename: 'pool/main/a/adduser/adduser_3.152_all.deb',
      archive: 'debian',
      sha256,
      sizeBytes: 190932,
    },
    {
      name: 'zlib1g',
      version: '1:1.3.dfsg+really1.3.1-1+deb13u1',
      architecture: 'arm64',
      filename: 'pool/updates/main/z/zlib/zlib1g_1.3.1-1+deb13u1_arm64.deb',
      archive: 'debian-security',
      sha256,
      sizeBytes: 88100,
    },
  ])
})

test.each([
  ['a weaker hash', `'http://deb.debian.org/debian/pool/a.deb' a_1_all.deb 1 MD5Sum:0123`],
  ['another archive', `'http://example.com/debian/pool/a.deb' a_1_all.deb 1 SHA256:${sha256}`],
  ['a foreign architecture', `'http://deb.debian.org/debian/pool/a.deb' a_1_riscv64.deb 1 SHA256:${sha256}`],
])('print-uris: %s is refused, not left out', (_, line) => {
  expect(() => parsePrintUris(line, archives)).toThrow('unknown')
})

test('names that apt does not know', () => {
  expect(
    parseUnknownPackages([
      'Reading package lists...',
      'E: Unable to locate package htopp',
      "E: Package 'awk' has no installation candidate",
      'E: Unable to locate package htopp',
    ]),
  ).toEqual(['htopp', 'awk'])
})

test('madison', () => {
  expect(
    parseMadison(
      ' curl | 8.14.1-2+deb13u9 | http://deb.debian.org/debian-security trixie-security/main arm64 Packages\n',
    ),
  ).toEqual([{ name: 'curl', version: '8.14.1-2+deb13u9' }])
})
