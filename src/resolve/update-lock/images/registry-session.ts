import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Cancelled, EnvironmentFault, StepFault } from '../../../diagnostics/fault.ts'
import type { ImageReference } from '../../../profile/image-reference.ts'
import { printImageReference } from '../../../profile/image-reference.ts'
import type { BlobPin } from '../../pins.ts'
import { BadDocument, sha256Of } from './documents.ts'
import { ImageProblem } from './image-problem.ts'
import type { ImageReading } from './image-reading.ts'
import type { Pulled } from './registry-fault.ts'
import { registryFault } from './registry-fault.ts'
import type { SkopeoAccess } from './skopeo.ts'
import { skopeoAccess } from './skopeo.ts'
import { skopeoFailure } from './skopeo-failure.ts'

/** Milliseconds before the second and third attempt; skopeo itself waits as long as a 429 asks for, five times. */
const pausesMs = [1000, 4000]

/** One image at one registry. */
export interface Session extends Pick<ImageReading, 'host' | 'store' | 'work'> {
  readonly access: SkopeoAccess
  readonly reference: ImageReference
  readonly pulled: Pulled
}

const openSession = async (
  { host, store, work, pullRequest, request }: ImageReading,
  reference: ImageReference,
): Promise<Session> => {
  const name = printImageReference(reference)
  if (host.offline)
    throw new EnvironmentFault(
      `the image ${name} is needed, and --offline forbids the network`,
      'run the command once without --offline',
      { at: request.at },
    )
  const { registry } = reference
  const settings = pullRequest.pull.find((each) => each.registry === registry)
  return {
    host,
    store,
    work,
    reference,
    access: await skopeoAccess(host, work, pullRequest, reference),
    pulled: { name, registry, settings, at: request.at },
  }
}

/** What a registry sends and containerd would not read is a problem of the image's. */
export const withSession = async <T>(
  reading: ImageReading,
  reference: ImageReference,
  use: (session: Session) => Promise<T>,
): Promise<T> => {
  const session = await openSession(reading, reference)
  try {
    return await use(session)
  } catch (error) {
    if (!(error instanceof BadDocument)) throw error
    throw new ImageProblem(
      'L0013',
      `${session.pulled.name} ${error.message}`,
      'it is no container image of a form that containerd reads',
    )
  }
}

/** Runs skopeo until it succeeds or fails for a reason that another attempt does not change. */
export const runSkopeo = async (
  { host, access, pulled }: Session,
  words: readonly string[],
  options: { readonly stdoutFile?: string; readonly onLine?: (line: string) => void } = {},
): Promise<void> => {
  for (let tries = 0; ; tries += 1) {
    try {
      await host.exec(['skopeo', ...access.global, ...words], {
        env: access.env,
        doing: `fetch ${pulled.name}`,
        ...options,
      })
      return
    } catch (error) {
      if (!(error instanceof StepFault)) throw error
      const failure = skopeoFailure(error.lastLines.join('\n'))
      const pause = pausesMs[tries]
      if (failure !== 'interrupted' || pause === undefined)
        throw await registryFault(host, pulled, failure, error)
      host.report.warn(
        `${pulled.name}: ${error.lastLines.at(-1) ?? error.message}; trying again in ${pause / 1000} s`,
      )
      await sleep(pause, undefined, { signal: host.signal }).catch(() => {
        throw new Cancelled('cancelled')
      })
    }
  }
}

export const addressOf = (reference: ImageReference): string => `docker://${printImageReference(reference)}`

/** skopeo takes a tag or a digest, not both: the digest says more. */
export const byDigest = (reference: ImageReference, sha256: string): ImageReference => ({
  ...reference,
  tag: undefined,
  digest: sha256,
})

let documentCount = 0

/** A document as the registry sends it, checked against the digest it was asked by. */
export const fetchDocument = async (
  session: Session,
  reference: ImageReference,
  expected: string | undefined,
  form: readonly string[] = [],
): Promise<Uint8Array> => {
  const { host, access, pulled, work } = session
  documentCount += 1
  const path = join(work, `document-${documentCount}`)
  await runSkopeo(session, ['inspect', '--raw', ...form, ...access.login, addressOf(reference)], {
    stdoutFile: path,
  })
  const bytes = (await host.files.readBytes(path)) ?? new Uint8Array()
  if (expected !== undefined && sha256Of(bytes) !== expected)
    throw new EnvironmentFault(
      `${pulled.registry} sent something else than ${pulled.name} is: sha256:${sha256Of(bytes)} instead of sha256:${expected}`,
      'nothing of it was kept; run it again, and find out what changes it on the way',
      { code: 'L0018', at: pulled.at },
    )
  return bytes
}

/** A document of the store, or from the registry into it. */
export const storedDocument = async (
  session: Session,
  blob: Pick<BlobPin, 'sha256'>,
  name: string,
  ask: () => Promise<Uint8Array>,
): Promise<Uint8Array> => {
  const { host, store, work } = session
  const kept = await store.find({ name, sha256: blob.sha256 })
  if (kept !== undefined) return (await host.files.readBytes(await store.path(kept))) ?? new Uint8Array()
  const bytes = await ask()
  const path = join(work, `keep-${blob.sha256}`)
  await host.files.writeAtomic(path, bytes)
  await store.moveFile(path, { name, sha256: blob.sha256 })
  return bytes
}
