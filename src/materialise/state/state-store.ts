import { dirname, join } from 'node:path'
import { EnvironmentFault } from '../../diagnostics/fault.ts'
import type { Host } from '../../host/host.ts'
import type { BuildPlan, StateProtection } from '../../plan/build-plan.ts'
import type { OpeningKeys, SealKeys } from '../age-file.ts'
import { seal, sealKindOf, unarmored, unseal } from '../age-file.ts'
import { damaged, lockedOut, readableByOthers, wrongIdentity, wrongPassphrase } from './state-faults.ts'
import type { StateContent, StateDocument } from './state-file.ts'
import { parseState, printState } from './state-file.ts'
import type { KeyContext } from './state-keys.ts'
import { createStateKeys } from './state-keys.ts'

/** `state.age` when encrypted, `state.json` when plain. */
export const stateFile = (protection: StateProtection): string =>
  protection.kind === 'plain' ? 'state.json' : 'state.age'

const fileNames = ['state.age', 'state.json'] as const

/** A state of a thousand nodes has some hundred KiB; a file of another kind must not fill the memory. */
const mostBytes = 64 * 1024 * 1024

interface StoredState {
  readonly document: StateDocument
  /** The file is not in the form that the plan asks for, or not for its recipients. */
  readonly isOutdated: boolean
}

/** How it was encrypted, and what was in it. */
type SealedContent = StateContent & { readonly kind: OpeningKeys['kind'] }

/** The files of one cluster's state. Whoever writes holds the lock of state-lock.ts. */
export interface StateStore {
  /** Of the file in the form that the plan asks for. */
  readonly path: string
  /** Undefined when there is no state. Writes nothing. */
  readonly read: () => Promise<StoredState | undefined>
  /** Replaces what there is, in the form the plan asks for; on the disk when it returns. */
  readonly write: (document: StateDocument) => Promise<void>
  /** The file's text as `write` would write it, for others too: whether it can be opened here again is not checked. */
  readonly print: (document: StateDocument) => Promise<string>
  /** A state that stands elsewhere, in whatever form. */
  readonly readFrom: (path: string) => Promise<StateDocument>
  /** Keeps copies of what there is under other names, which it returns: `state.age.20260131T120000Z`. */
  readonly keepCopies: () => Promise<readonly string[]>
}

/** Whether a cluster has a state, without opening it. */
export const hasState = async (host: Host, directory: string): Promise<boolean> =>
  (await presentFiles(host, directory)).length > 0

const presentFiles = async (host: Host, directory: string): Promise<readonly string[]> => {
  const stats = await Promise.all(fileNames.map((name) => host.files.stat(join(directory, name))))
  return fileNames.filter((_, index) => stats[index] !== undefined)
}

/** The bytes of one file of a state. One that is not encrypted must be its owner's alone. */
const readWhole = async (host: Host, path: string): Promise<Uint8Array> => {
  const stat = await host.files.stat(path)
  if (path.endsWith('.json') && stat !== undefined && (stat.mode & 0o077) !== 0) throw readableByOthers(path)
  return readAny(host, path)
}

const readAny = async (host: Host, path: string): Promise<Uint8Array> => {
  const stat = await host.files.stat(path)
  if (stat?.isFile !== true || stat.sizeBytes > mostBytes)
    throw damaged(path, 'it is no file of a possible size')
  const bytes = await host.files.readBytes(path).catch((error: unknown) => {
    throw new EnvironmentFault(
      `the cluster state ${path} cannot be read (${error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason'})`,
      'build as the user who made it, or change its owner',
    )
  })
  return bytes ?? new Uint8Array()
}

export const createStateStore = (
  host: Host,
  directory: string,
  { cluster, stateProtection: protection }: Pick<BuildPlan, 'cluster' | 'stateProtection'>,
  context: KeyContext,
): StateStore => {
  const { files } = host
  const path = join(directory, stateFile(protection))
  const keys = createStateKeys(host, protection, path, context)

  const readSealed = async (from: string): Promise<SealedContent> =>
    openSealed(from, await readWhole(host, from))

  const openSealed = async (from: string, bytes: Uint8Array): Promise<SealedContent> => {
    const binary = await unarmored(bytes)
    const kind = binary === undefined ? undefined : sealKindOf(binary)
    if (binary === undefined || kind === undefined) throw damaged(from, 'it is no file of age, or cut short')
    const opening: OpeningKeys =
      kind === 'passphrase'
        ? { kind, passphrase: await keys.passphrase('open') }
        : { kind, identities: await keys.identities() }
    const opened = await unseal(binary, opening)
    if (opened.content === undefined) {
      if (opened.fault === 'damaged') throw damaged(from, 'it is cut short, or was changed')
      throw opening.kind === 'passphrase'
        ? wrongPassphrase(from)
        : wrongIdentity(from, opening.identities.length)
    }
    return { kind, ...parseState(new TextDecoder().decode(opened.content), from, cluster) }
  }

  const readPlain = async (from: string): Promise<StateContent> =>
    parseState(new TextDecoder().decode(await readWhole(host, from)), from, cluster)

  /** Nobody may be locked out of a state by a mistaken list of recipients. */
  const checkOpens = async (sealed: string): Promise<void> => {
    const identities = await keys.identities().catch((fault: unknown) => {
      if (!(fault instanceof EnvironmentFault)) throw fault
      host.report.warn(`the next build needs an age identity to open ${path}; none is at hand now`)
      return undefined
    })
    if (identities === undefined) return
    const binary = await unarmored(new TextEncoder().encode(sealed))
    const opened = binary && (await unseal(binary, { kind: 'recipients', identities }))
    if (opened?.content === undefined) throw lockedOut(path)
  }

  const sealed = async (document: StateDocument, isOurs: boolean): Promise<string> => {
    if (protection.kind === 'plain') return printState({ document, recipients: [] })
    const recipients = protection.kind === 'recipients' ? protection.recipients : []
    const sealing: SealKeys =
      protection.kind === 'passphrase'
        ? { kind: 'passphrase', passphrase: await keys.passphrase('new') }
        : { kind: 'recipients', recipients }
    const text = await seal(printState({ document, recipients }), sealing)
    if (sealing.kind === 'recipients' && isOurs) await checkOpens(text)
    return text
  }

  const isInForm = (kind: StateProtection['kind'], recipients: readonly string[]): boolean =>
    kind === protection.kind &&
    (protection.kind !== 'recipients' ||
      recipients.toSorted().join() === protection.recipients.toSorted().join())

  /** Of the other form: removed when it held the same, else put aside, since it may be all there is of another cluster. */
  const dropOther = async (name: string, written: StateDocument): Promise<void> => {
    const other = join(directory, name)
    if (name === opened || (await isPlainCopy(other, written))) {
      await files.remove(other)
      if (name === 'state.json') await tellOfPlainCopies()
    } else {
      const aside = await freeName(host, `${other}.${timeText(host)}`)
      await files.rename(other, aside)
      host.report.warn(`${other} is not the state that is used: it is ${aside} now`)
    }
    await files.sync(directory)
  }

  /** What `keepCopies` put aside before the state was encrypted: no build removes it. */
  const tellOfPlainCopies = async (): Promise<void> => {
    const copies = (await files.list(directory)).filter((name) => name.startsWith('state.json.'))
    if (copies.length > 0)
      host.report.warn(
        `older copies of the state are not encrypted, remove them: ${copies.map((name) => join(directory, name)).join(', ')}`,
      )
  }

  const isPlainCopy = async (other: string, written: StateDocument): Promise<boolean> => {
    if (!other.endsWith('.json')) return false
    const { document } = await readPlain(other).catch(() => ({ document: undefined }))
    return document !== undefined && document.created === written.created
  }

  let opened: string | undefined
  return {
    path,
    read: async () => {
      const present = await presentFiles(host, directory)
      // A change of form writes the new file before it removes the old one: of two, the wanted form is the newer.
      const name = present.includes(stateFile(protection)) ? stateFile(protection) : present[0]
      if (name === undefined) return undefined
      const from = join(directory, name)
      if (name === 'state.json') {
        const { document } = await readPlain(from)
        opened = name
        return { document, isOutdated: protection.kind !== 'plain' || present.length > 1 }
      }
      const { document, kind, recipients } = await readSealed(from)
      opened = name
      return { document, isOutdated: !isInForm(kind, recipients) || present.length > 1 }
    },
    write: async (document) => {
      const text = await sealed(document, true)
      const isFirst = !(await hasState(host, directory))
      await removeLeftovers(host, directory)
      await files.writeAtomic(path, text, { mode: 0o600, durable: true })
      if (isFirst)
        for (const parent of [dirname(directory), dirname(dirname(directory))]) await files.sync(parent)
      const others = (await presentFiles(host, directory)).filter((name) => join(directory, name) !== path)
      for (const name of others) await dropOther(name, document)
    },
    print: (document) => sealed(document, false),
    readFrom: async (from) => {
      const bytes = await readAny(host, from)
      const isPlain = new TextDecoder('latin1').decode(bytes.subarray(0, 16)).trimStart().startsWith('{')
      const text = isPlain ? new TextDecoder().decode(bytes) : undefined
      return (text === undefined ? await openSealed(from, bytes) : parseState(text, from, cluster)).document
    },
    keepCopies: async () => {
      const copies: string[] = []
      for (const name of await presentFiles(host, directory)) {
        const copy = await freeName(host, join(directory, `${name}.${timeText(host)}`))
        const bytes = (await files.readBytes(join(directory, name))) ?? new Uint8Array()
        await files.writeAtomic(copy, bytes, { mode: 0o600, durable: true })
        copies.push(copy)
      }
      return copies
    },
  }
}

/** `20260131T120000Z` */
const timeText = (host: Host): string => new Date(host.now()).toISOString().replace(/[-:]|\.\d+/g, '')

const freeName = async (host: Host, path: string): Promise<string> => {
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? path : `${path}-${number}`
    if ((await host.files.stat(name)) === undefined) return name
  }
}

/** What a killed build left: whole or not, they hold keys. */
const removeLeftovers = async (host: Host, directory: string): Promise<void> => {
  const names = await host.files.list(directory)
  for (const name of names.filter((each) => /^\.state\.(age|json)\b.*\.tmp$/.test(each)))
    await host.files.remove(join(directory, name))
}
