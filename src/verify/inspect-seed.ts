import { X509Certificate } from 'node:crypto'
import type { FatReader } from '../host/disk/fat-reader.ts'
import type { CertificateInspection, InstalledFile, SeedInspection, TokenInspection } from './inspection.ts'

/** `KEY='value'` lines, as the plan writes them. */
export const parseShellLines = (text: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    text.split('\n').flatMap((line) => {
      const [, key, value] = /^([A-Z_]+)='(.*)'$/.exec(line) ?? []
      return key === undefined || value === undefined ? [] : [[key, value.replaceAll("'\\''", "'")]]
    }),
  )

interface ListedFile extends InstalledFile {
  readonly number: string
}

const parseInstallList = (text: string): readonly ListedFile[] =>
  text.split('\n').flatMap((line) => {
    const [, secrecy, mode, sha256, number, target] =
      /^(secret|plain) ([0-7]+) ([0-9a-f]{64}) (\d+) (.+)$/.exec(line) ?? []
    if (mode === undefined || sha256 === undefined || number === undefined || target === undefined) return []
    return [{ target, mode, secret: secrecy === 'secret', sha256, number }]
  })

const certificateOf = (target: string, pem: string): readonly CertificateInspection[] => {
  try {
    const { subject, validFrom, validTo } = new X509Certificate(pem)
    return [
      {
        target,
        subject: subject.replaceAll('\n', ', '),
        notBefore: new Date(validFrom).toISOString(),
        notAfter: new Date(validTo).toISOString(),
      },
    ]
  } catch {
    return []
  }
}

const tokenOf = (target: string, text: string): readonly TokenInspection[] => {
  const [, caHash, user] = /^K10([0-9a-f]{64})::([a-z]+):/.exec(text) ?? []
  return caHash === undefined || user === undefined ? [] : [{ target, user, caHash }]
}

export const inspectSeed = async (seed: FatReader): Promise<SeedInspection> => {
  const files = await seed.list()
  const settings = parseShellLines((await seed.read('appliance/node.conf')) ?? '')
  const listed = parseInstallList((await seed.read('appliance/install.list')) ?? '')
  const certificates: CertificateInspection[] = []
  const tokens: TokenInspection[] = []
  for (const { target, number } of listed) {
    const content = (): Promise<string | undefined> => seed.read(`appliance/files/${number}`)
    if (target.endsWith('.crt')) certificates.push(...certificateOf(target, (await content()) ?? ''))
    if (/token$/.test(target)) tokens.push(...tokenOf(target, (await content()) ?? ''))
  }
  return {
    node: settings['NODE_NAME'] ?? null,
    role: settings['ROLE'] ?? null,
    cluster: settings['CLUSTER'] ?? null,
    seedId: settings['SEED_ID'] ?? null,
    taken: files.includes('appliance/installed'),
    files,
    install: listed.map(({ number: _, ...file }) => file),
    certificates,
    tokens,
  }
}
