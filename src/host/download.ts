import { randomBytes } from 'node:crypto'
import { open, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { EnvHttpProxyAgent } from 'undici'
import { Cancelled, EnvironmentFault } from '../diagnostics/fault.ts'
import type { Reporter, Task } from './reporter.ts'

export interface DownloadContext {
  readonly offline: boolean
  readonly signal: AbortSignal
  readonly report: Reporter
  readonly copy: (from: string, to: string) => Promise<void>
  readonly onExit: (undo: () => Promise<void>) => () => Promise<void>
  readonly pausesMs?: readonly number[]
}

/** Waits before the second and third attempt, milliseconds. */
const usualPausesMs = [1000, 4000]

/** A server that sends nothing for so long is not going to. */
const silenceMs = 30_000

/** An answer that another attempt will not change. */
class Refused extends Error {}

/** User names and passwords in addresses stay out of logs. */
const withoutCredentials = (url: string): string => url.replace(/^([a-z+]+:\/\/)[^/@]*@/i, '$1')

/** fetch takes no user name in an address; servers want it in a header. */
const authorization = (url: URL): Record<string, string> => {
  if (url.username === '' && url.password === '') return {}
  const pair = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`
  return { authorization: `Basic ${Buffer.from(pair).toString('base64')}` }
}

const causesOf = (error: unknown): string =>
  error instanceof Error
    ? error.cause === undefined
      ? error.message
      : `${error.message}: ${causesOf(error.cause)}`
    : String(error)

export type Download = (
  url: string,
  target: string,
  options?: { readonly label?: string; readonly timeoutMs?: number },
) => Promise<void>

/**
 * Downloads into a temporary file beside the target and renames it when it is whole. `http_proxy`, `https_proxy` and
 * `no_proxy` are obeyed; a company's own CA is named to Node by NODE_EXTRA_CA_CERTS.
 */
export const createDownload = (context: DownloadContext): Download => {
  let agent: EnvHttpProxyAgent | undefined

  const attempt = async (
    url: string,
    temporary: string,
    timeoutMs: number | undefined,
    task: () => Task | undefined,
  ): Promise<void> => {
    // Loaded at the first download, so that commands without one start faster.
    const { EnvHttpProxyAgent, fetch } = await import('undici')
    agent ??= new EnvHttpProxyAgent({
      proxyTunnel: false,
      bodyTimeout: silenceMs,
      headersTimeout: silenceMs,
      connectTimeout: 10_000,
    })
    const signals = [context.signal, ...(timeoutMs === undefined ? [] : [AbortSignal.timeout(timeoutMs)])]
    const response = await fetch(withoutCredentials(url), {
      headers: authorization(new URL(url)),
      dispatcher: agent,
      signal: AbortSignal.any(signals),
    })
    if (!response.ok) {
      await response.body?.cancel()
      const answer = `the server answered ${response.status} ${response.statusText}`.trimEnd()
      throw response.status >= 500 || response.status === 429 || response.status === 408
        ? new Error(answer)
        : new Refused(answer)
    }
    const announced = Number(response.headers.get('content-length') ?? Number.NaN)
    const expected =
      response.headers.has('content-encoding') || Number.isNaN(announced) ? undefined : announced
    const progress = task()
    const handle = await open(temporary, 'w', 0o644)
    let received = 0
    try {
      for await (const chunk of response.body ?? []) {
        const bytes: Uint8Array = chunk
        await handle.write(bytes)
        received += bytes.length
        progress?.progress(received)
      }
      await handle.sync()
    } finally {
      await handle.close()
    }
    if (expected !== undefined && received !== expected) {
      throw new Error(`the connection ended after ${received} of ${expected} bytes`)
    }
  }

  return async (url, target, options = {}) => {
    const shown = withoutCredentials(url)
    const temporary = join(dirname(target), `.${basename(target)}.${randomBytes(6).toString('hex')}.part`)
    const removeTemporary = context.onExit(() => rm(temporary, { force: true }))
    let task: Task | undefined
    try {
      if (url.startsWith('file:')) {
        await context.copy(fileURLToPath(url), temporary)
        await rename(temporary, target)
        return
      }
      if (context.offline) {
        throw new EnvironmentFault(
          `${shown} is needed, and --offline forbids the network`,
          'Run the command once without --offline.',
        )
      }
      for (let tries = 0; ; tries += 1) {
        try {
          await attempt(url, temporary, options.timeoutMs, () => {
            if (options.label !== undefined) task ??= context.report.task(options.label, { unit: 'bytes' })
            return task
          })
          break
        } catch (error) {
          if (context.signal.aborted) throw new Cancelled('cancelled')
          const pause = (context.pausesMs ?? usualPausesMs)[tries]
          if (error instanceof Refused || pause === undefined) {
            throw new EnvironmentFault(
              `cannot download ${shown}: ${causesOf(error)}`,
              'Check the address and the network; proxies are taken from http_proxy, https_proxy and no_proxy.',
              { cause: error },
            )
          }
          context.report.debug(`${shown}: ${causesOf(error)}; trying again in ${pause / 1000} s`)
          await sleep(pause, undefined, { signal: context.signal }).catch(() => {
            throw new Cancelled('cancelled')
          })
        }
      }
      await rename(temporary, target)
      task?.done()
    } catch (error) {
      task?.fail()
      throw error
    } finally {
      await removeTemporary()
    }
  }
}
