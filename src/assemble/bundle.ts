import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import type { Host } from '../host/host.ts'
import type { Materials } from '../materialise/materials.ts'
import type { BuildPlan, PayloadPlan } from '../plan/build-plan.ts'
import { payloadFiles } from './shared-parts.ts'
import { tarStream } from './tar.ts'

/** First entry that readers look for; raised when they could not read what is written. */
const bundleVersion = 1

/** Memory for one piece of the file on its way. */
const pieceBytes = 1024 * 1024

/** What `bundle.json` says; it holds nothing secret and depends on the plan alone. */
const describe = (
  plan: BuildPlan,
  payload: PayloadPlan,
  files: readonly { path: string; sizeBytes: number }[],
) => ({
  bundleVersion,
  cluster: plan.cluster,
  k3sVersion: plan.k3sVersion,
  architecture: payload.architecture,
  payload: payload.id,
  epoch: payload.epoch,
  files: files.map(({ path, sizeBytes }) => ({ path, sizeBytes })),
})

/** Writes one tar to a temporary name and renames it when it is whole and on the disk. */
const writeTar = async (
  host: Host,
  tar: Readable,
  path: string,
): Promise<{ sha256: string; sizeBytes: number }> => {
  const temporary = `${path}.partial`
  const undo = host.onExit(() => host.files.remove(temporary))
  const file = await host.files.open(temporary, 'create')
  const hash = createHash('sha256')
  let sizeBytes = 0
  try {
    for await (const chunk of tar as AsyncIterable<Uint8Array>) {
      await file.write(chunk, sizeBytes)
      hash.update(chunk)
      sizeBytes += chunk.length
    }
    await file.sync()
  } finally {
    await file.close()
  }
  await host.files.chmod(temporary, 0o644)
  await host.files.rename(temporary, path)
  await undo()
  return { sha256: hash.digest('hex'), sizeBytes }
}

/**
 * The payload of one architecture as one file: what a running node could take to be as new images are. Same plan, same bytes.
 * Its checksums are the payload's own SHA256SUMS.
 */
export const writeBundle = async (
  host: Host,
  materials: Materials,
  plan: BuildPlan,
  payload: PayloadPlan,
  path: string,
): Promise<{ readonly sha256: string; readonly sizeBytes: number }> => {
  const files = await payloadFiles(host, materials, payload)
  const text = Buffer.from(`${JSON.stringify(describe(plan, payload, files), null, 2)}\n`)
  const description = {
    path: 'bundle.json',
    mode: 0o644,
    sizeBytes: text.length,
    open: () => Readable.from([text], { highWaterMark: pieceBytes }),
  }
  return writeTar(host, tarStream([...files, description], payload.links, payload.epoch), path)
}
