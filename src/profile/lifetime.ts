const daysOf = { d: 1, w: 7, y: 365 } as const

/** `90d`, `12w`, `3y` in days; a year has 365. Undefined for another form. */
export const parseLifetime = (text: string): number | undefined => {
  const match = /^([1-9]\d{0,4})([dwy])$/.exec(text)
  if (match === null) return undefined
  return Number(match[1]) * daysOf[match[2] as keyof typeof daysOf]
}
