import { dirname, join } from 'node:path'
import { EnvironmentFault } from '../../../diagnostics/fault.ts'
import type { Host } from '../../../host/host.ts'
import type { ClusterPki } from '../../../materialise/pki/cluster-pki.ts'
import type { StateStore } from '../../../materialise/state/state-store.ts'
import { createStateStore } from '../../../materialise/state/state-store.ts'
import { certificateAuthorities } from '../../../plan/build-plan.ts'
import { isAgeRecipient } from '../../../profile/age-recipient.ts'
import { exitCodes } from '../../exit-codes.ts'
import type { PkiExportOptions } from '../../options.ts'
import type { PkiSession } from './session.ts'
import { readKnown, withSession } from './session.ts'

/** The tree that `k3s certificate rotate-ca --path` takes: the same names as below `server/tls`. */
export const tlsTree = ({ authorities, serviceKey }: ClusterPki): readonly (readonly [string, string])[] => [
  ...certificateAuthorities.flatMap((name): readonly (readonly [string, string])[] => [
    [`${name}.crt`, authorities[name].crt],
    [`${name}.key`, authorities[name].key],
  ]),
  ['service.key', serviceKey],
]

const taken = (path: string): EnvironmentFault =>
  new EnvironmentFault(`${path} is there already and is never overwritten`, 'name another, or move it away')

const writeTree = async (host: Host, folder: string, pki: ClusterPki): Promise<void> => {
  const stat = await host.files.stat(folder)
  if (stat !== undefined && (!stat.isDirectory || (await host.files.list(folder)).length > 0))
    throw taken(folder)
  await host.files.makeDirectory(folder, 0o700)
  await host.files.chmod(folder, 0o700)
  const written: string[] = []
  // Half a tree of keys is of no use to anybody but a thief.
  const undo = host.onExit(async () => {
    for (const path of written) await host.files.remove(path)
    if (stat === undefined) await host.files.removeEmpty(folder)
  })
  try {
    for (const [name, content] of tlsTree(pki)) {
      const path = join(folder, name)
      written.push(name.includes('/') ? dirname(path) : path)
      await host.files.makeDirectory(dirname(path), 0o700)
      await host.files.writeAtomic(path, content, { mode: 0o600, durable: true })
    }
    written.length = 0
  } finally {
    await undo()
  }
}

/** With recipients of its own, or protected as the profile says. */
const storeFor = (host: Host, session: PkiSession, recipients: readonly string[]): StateStore => {
  if (recipients.length === 0) return session.store
  const stateProtection = { kind: 'recipients' as const, recipients, identity: null }
  return createStateStore(host, session.directory, { ...session.plan, stateProtection }, session.context)
}

/** Copies the keys out: the tree for `rotate-ca`, or the whole state to keep elsewhere. */
export const run = async (host: Host, options: PkiExportOptions): Promise<number> => {
  const { to, state, recipients, terminal, format } = options
  if ((to === undefined) === (state === undefined)) {
    terminal.err('error: say what to export: --to <dir> (tls tree) or --state <file> (whole state)\n')
    return exitCodes.usage
  }
  const wrong = recipients.find((recipient) => !isAgeRecipient(recipient))
  if (wrong !== undefined || (recipients.length > 0 && state === undefined)) {
    const why = wrong === undefined ? '--recipient goes with --state' : `${wrong} is no public key of age`
    terminal.err(`error: ${why}\n`)
    return exitCodes.usage
  }
  return withSession(host, options, { mayBeNew: false }, async (session) => {
    const document = await readKnown(host, session)
    if (to !== undefined) await writeTree(host, to, document.pki)
    if (state !== undefined) {
      if ((await host.files.stat(state)) !== undefined) throw taken(state)
      const text = await storeFor(host, session, recipients).print(document)
      await host.files.writeAtomic(state, text, { mode: 0o600, durable: true })
    }
    const path = to ?? state ?? ''
    const isPlain = recipients.length === 0 && session.plan.stateProtection.kind === 'plain'
    const content =
      to === undefined
        ? `the whole state${isPlain ? ', not encrypted' : ''}`
        : 'CA keys, not encrypted: remove it when it has been used'
    if (format === 'json')
      terminal.out(`${JSON.stringify({ cluster: session.plan.cluster, written: path }, null, 2)}\n`)
    else terminal.err(`${path}: written; it holds ${content}\n`)
    return exitCodes.ok
  })
}
