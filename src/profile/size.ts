const units: Readonly<Record<string, number>> = {
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
}

/** `32GB` (10^9, as makers of media count) or `29.8GiB` in bytes; undefined for anything else. */
export const parseSize = (text: string): number | undefined => {
  const [, amount, unit] = /^(\d{1,6}(?:\.\d{1,3})?) ?([MGT]i?B)$/.exec(text) ?? []
  const factor = units[unit ?? '']
  if (amount === undefined || factor === undefined) return undefined
  const bytes = Math.floor(Number(amount) * factor)
  return bytes > 0 ? bytes : undefined
}
