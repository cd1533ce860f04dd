import type { Host } from '../../host/host.ts'
import type { BaseImagePlan } from '../../plan/build-plan.ts'

/**
 * The size of the disk that a packed file declares, bytes; undefined where it does not: zstd may leave it out (RFC 8878,
 * 3.1.1.1.4), gzip tells it modulo 4 GiB at its end (RFC 1952, 2.3.1), which is nothing to rely on.
 */
export const declaredBytes = async (
  host: Host,
  path: string,
  form: Exclude<BaseImagePlan['form'], 'raw' | 'qcow2'>,
): Promise<number | undefined> => {
  if (form === 'gz') return undefined
  const { stdout, exitCode } = await host.exec(
    form === 'xz' ? ['xz', '--robot', '--list', path] : ['zstd', '-lv', path],
    { doing: `read the size that ${path} declares`, okCodes: [0, 1] },
  )
  if (exitCode !== 0) return undefined
  // totals  <streams> <blocks> <compressed> <uncompressed> ... ; Decompressed Size: 4.00 GiB (4294967296 B)
  const found =
    form === 'xz'
      ? /^totals\t\d+\t\d+\t\d+\t(\d+)\t/m.exec(stdout)
      : /^Decompressed Size: .*\((\d+) B\)$/m.exec(stdout)
  return found?.[1] === undefined ? undefined : Number(found[1])
}
