/** Milliseconds of a day; certificates and caches count in days. */
export const dayMs = 24 * 60 * 60 * 1000
