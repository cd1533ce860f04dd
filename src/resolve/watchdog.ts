import { parseDuration } from '../profile/duration.ts'
import type { ProfileNode } from '../profile/schema.ts'
import type { BoardRecipe } from '../recipes/recipe.ts'
import type { ResolvedNode } from './resolved-profile.ts'

/** Longer than a slow card holds up the system, shorter than anybody would need to drive to the site. */
const usual = '30s'

/**
 * Seconds after which the counter of a watchdog begins anew, by its kernel module. That of a Raspberry Pi has 20 bits of 1/65536 s,
 * and bcm2835_wdt_start of Debian's kernels (6.12.118, 7.3.4) keeps the low four bits of what it is asked for:
 * 100 s are 4 s (raspberrypi/linux#7432, clamped there since June 2026).
 */
const wraps: Readonly<Record<string, number>> = { bcm2835_wdt: 16 }

/**
 * The next time from `seconds` on that the watchdog keeps. For more than its counter holds, the kernel gives the sign of life by
 * itself twice in the time of a full counter (drivers/watchdog/watchdog_dev.c, watchdog_next_keepalive), so that what is left in the
 * counter must be longer than half of it: three quarters and more are. 30 s are kept as they are, 2 min become 124 s.
 */
export const keptSeconds = (seconds: number, module: string | null): number => {
  const wrap = wraps[module ?? '']
  if (wrap === undefined || seconds < wrap) return seconds
  return seconds + Math.max(0, (wrap * 3) / 4 - (seconds % wrap))
}

/** By default only where the recipe of the board knows its watchdog: that of another machine may have a mind of its own. */
export const resolveWatchdog = (
  asked: ProfileNode['watchdog'],
  { watchdog }: Pick<BoardRecipe, 'watchdog'>,
): ResolvedNode['watchdog'] => {
  const wanted = asked ?? (watchdog === undefined ? false : usual)
  const seconds = wanted === false ? undefined : parseDuration(wanted)
  const module = watchdog ?? null
  return seconds === undefined ? null : { seconds: keptSeconds(seconds, module), module }
}
