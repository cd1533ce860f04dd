import { parseDuration } from '../duration.ts'
import type { Rule } from './context.ts'
import { faultAt } from './context.ts'
import { once } from './network.ts'

/** Seconds. A slow card keeps the system busy for some of them; what takes a quarter of an hour, nobody waits for. */
const bounds = { least: 10, most: 900 }

export const watchdogBounds: Rule = (context) =>
  once(
    context.nodes.flatMap((node) => {
      if (typeof node.watchdog !== 'string') return []
      const seconds = parseDuration(node.watchdog)
      if (seconds === undefined || (seconds >= bounds.least && seconds <= bounds.most)) return []
      return [
        faultAt(
          context,
          'R1735',
          node.origin(['watchdog']),
          `a watchdog of ${node.watchdog} does more harm than good`,
          {
            help: 'use 10s to 15m, such as `30s`, or `false` for none',
          },
        ),
      ]
    }),
  )
