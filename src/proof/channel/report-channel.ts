import type { Socket } from 'node:net'
import type { Facts } from './report-protocol.ts'
import { createReportParser } from './report-protocol.ts'

/** The host's end of the verdict protocol over one channel. */
export interface ReportChannel {
  /** Boot ids in the order in which the guest introduced itself; more than one different: it rebooted by itself. */
  readonly bootIds: () => readonly string[]
  /** Asks for facts; undefined when the guest does not answer in time or is not there. */
  readonly collect: (timeoutMs: number) => Promise<Facts | undefined>
  /** The newest answer, whoever asked for it. */
  readonly lastFacts: () => Facts | undefined
  /** Asks for a clean end. */
  readonly powerOff: () => void
  readonly close: () => void
}

export const openReportChannel = (socket: Socket): ReportChannel => {
  const bootIds: string[] = []
  let asked = false
  let answer: ((facts: Facts | undefined) => void) | undefined
  let closed = false
  let last: Facts | undefined
  const parse = createReportParser((event) => {
    if (event.kind === 'hello') {
      bootIds.push(event.bootId)
      // The service that was asked is gone with its answer.
      asked = false
      answer?.(undefined)
    } else {
      asked = false
      last = event.facts
      answer?.(event.facts)
    }
  })
  socket.setEncoding('utf8')
  socket.on('data', parse)
  socket.on('error', () => undefined)
  socket.on('close', () => {
    closed = true
    answer?.(undefined)
  })
  return {
    bootIds: () => bootIds,
    collect: (timeoutMs) => {
      if (closed || bootIds.length === 0) return Promise.resolve(undefined)
      return new Promise((resolve) => {
        const finish = (facts: Facts | undefined): void => {
          clearTimeout(timer)
          answer = undefined
          resolve(facts)
        }
        const timer = setTimeout(() => finish(undefined), timeoutMs)
        answer = finish
        // A guest that is slow to answer is not asked a second time: its answers would queue up.
        if (!asked) socket.write('collect\n')
        asked = true
      })
    },
    lastFacts: () => last,
    powerOff: () => {
      if (!closed) socket.write('poweroff\n')
    },
    close: () => socket.destroy(),
  }
}
