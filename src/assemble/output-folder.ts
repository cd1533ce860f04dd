import { join } from 'node:path'
import type { Host } from '../host/host.ts'
import type { BuildRecord, RecordedOutput } from './build-record.ts'
import { readUnchangedOutputs, writeRecord } from './build-record.ts'

/** An output, and whether this build had to write it. */
export interface AssembledOutput extends RecordedOutput {
  readonly written: boolean
}

type Wanted = Omit<RecordedOutput, 'sha256' | 'sizeBytes'>
type Made = Pick<RecordedOutput, 'sha256' | 'sizeBytes'>

/** `out/<cluster>/`. Whatever moment a build is killed at, build.json and SHA256SUMS name only files that are as they say. */
export interface OutputFolder {
  /** For files that are renamed into place when they are whole. */
  readonly work: string
  /** Outputs of earlier builds that are as they were left. */
  readonly known: () => readonly RecordedOutput[]
  /** Keeps the file that was made from the same things; else has it made in the work folder and puts it into place. */
  readonly keepOrMake: (wanted: Wanted, make: (path: string) => Promise<Made>) => Promise<void>
  /** Writes the record: what this build asked for, and of the rest what `isKept` says. */
  readonly finish: (isKept: (output: RecordedOutput) => boolean) => Promise<readonly AssembledOutput[]>
}

/** A work folder that a killed build left is removed first. */
export const openOutputFolder = async (
  host: Host,
  folder: string,
  header: Omit<BuildRecord, 'outputs'>,
): Promise<OutputFolder> => {
  await host.files.makeDirectory(folder)
  for (const name of await host.files.list(folder)) {
    if (name.startsWith('.work-')) await host.files.remove(join(folder, name))
  }
  const work = await host.files.makeTemporaryDirectory('.work-', folder)
  const known = new Map((await readUnchangedOutputs(host, folder)).map((output) => [output.file, output]))
  const asked = new Map<string, AssembledOutput>()

  const record = async (): Promise<void> => {
    const outputs = [...known.values()].sort((a, b) => (a.file < b.file ? -1 : 1))
    await writeRecord(host, folder, { ...header, outputs })
  }

  return {
    work,
    known: () => [...known.values()],
    keepOrMake: async (wanted, make) => {
      const there = known.get(wanted.file)
      if (there !== undefined && there.madeFrom === wanted.madeFrom) {
        asked.set(wanted.file, { ...there, written: false })
        return
      }
      const temporary = join(work, wanted.file)
      const output = { ...wanted, ...(await make(temporary)) }
      if (known.delete(wanted.file)) await record()
      // Over an older file, ext4 would first write the new one to the disk (auto_da_alloc).
      await host.files.remove(join(folder, wanted.file))
      await host.files.rename(temporary, join(folder, wanted.file))
      known.set(wanted.file, output)
      asked.set(wanted.file, { ...output, written: true })
    },
    finish: async (isKept) => {
      for (const output of known.values()) {
        if (asked.has(output.file) || isKept(output)) continue
        known.delete(output.file)
        // Not removed: it may be all that somebody has. Told once, since it may open a cluster for years.
        host.report.warn(
          `${join(folder, output.file)} is left over from an earlier build, and no longer recorded: remove it if nobody needs it`,
        )
      }
      await record()
      await host.files.remove(work)
      return [...asked.values()]
    },
  }
}
