import type { Host } from '../../host/host.ts'
import type { Monitor } from '../channel/qmp.ts'

/** /proc counts in hundredths of a second on every Linux (USER_HZ). */
const tickMs = 10

/** User and system time of a thread from its /proc/<tid>/stat; the name in brackets may hold anything. */
export const parseThreadTimeMs = (stat: string): number => {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * tickMs
}

/**
 * Milliseconds of processor time that a machine's virtual processors have used: the work of its guest, whatever else keeps
 * this host busy. Undefined where it cannot be had.
 */
export const processorTimeMs = async (host: Host, monitor: Monitor): Promise<number | undefined> => {
  const answer = await monitor.execute('query-cpus-fast').catch(() => undefined)
  const threads = Array.isArray(answer)
    ? (answer as readonly { readonly 'thread-id'?: number }[]).flatMap((cpu) => cpu['thread-id'] ?? [])
    : []
  if (threads.length === 0) return undefined
  let sum = 0
  for (const thread of threads) {
    const stat = await host.files.readText(`/proc/${thread}/stat`)
    if (stat === undefined) return undefined
    sum += parseThreadTimeMs(stat)
  }
  return sum
}
