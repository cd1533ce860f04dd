export interface SignalActions {
  /** The first signal: ask everything to stop. */
  readonly first: (name: NodeJS.Signals) => void
  readonly unwind: () => Promise<void>
  readonly killAll: () => void
}

/** A run that has not ended so long after the first signal is ended. Milliseconds. */
const patienceMs = 20_000

const numbers: Partial<Record<NodeJS.Signals, number>> = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 }

/**
 * The first signal asks; the second, or no end in time, kills the programs we started, undoes what is registered and
 * exits with 128 + the signal's number, as a shell expects. Returns what ends the watching.
 */
export const watchSignals = (actions: SignalActions): (() => void) => {
  let asked = false
  let timer: NodeJS.Timeout | undefined
  const leave = (name: NodeJS.Signals): void => {
    actions.killAll()
    const code = 128 + (numbers[name] ?? 0)
    // Undoing may hang on a dead mount: leave anyway.
    setTimeout(() => process.exit(code), 5000).unref()
    const end = (): never => process.exit(code)
    actions.unwind().then(end, end)
  }
  const onSignal = (name: NodeJS.Signals): void => {
    if (asked) {
      leave(name)
      return
    }
    asked = true
    timer = setTimeout(() => leave(name), patienceMs)
    timer.unref()
    actions.first(name)
  }
  const names: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP']
  for (const name of names) process.on(name, onSignal)
  process.on('exit', actions.killAll)
  return () => {
    clearTimeout(timer)
    for (const name of names) process.off(name, onSignal)
    process.off('exit', actions.killAll)
  }
}
