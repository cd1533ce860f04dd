import { parseDuration } from '../profile/duration.ts'
import type { ProfileNode } from '../profile/schema.ts'
import type { BoardRecipe } from '../recipes/recipe.ts'
import type { ResolvedNode } from './resolved-profile.ts'

/** Longer than a slow card holds up the system, shorter than anybody would need to drive to the site. */
const usual = '30s'

/** By default only where the recipe of the board knows its watchdog: that of another machine may have a mind of its own. */
export const resolveWatchdog = (
  asked: ProfileNode['watchdog'],
  { watchdog }: Pick<BoardRecipe, 'watchdog'>,
): ResolvedNode['watchdog'] => {
  const wanted = asked ?? (watchdog === undefined ? false : usual)
  const seconds = wanted === false ? undefined : parseDuration(wanted)
  return seconds === undefined ? null : { seconds, module: watchdog ?? null }
}
