type Undo = () => Promise<void> | void

export interface ExitStack {
  readonly push: (undo: Undo) => () => Promise<void>
  /** Runs what is left, last in first out. A failing undo is reported and does not stop the others. */
  readonly unwind: () => Promise<void>
}

/** Work to undo on any way out. Each undo runs at most once, whoever asks for it first. */
export const createExitStack = (onFailure: (error: unknown) => void): ExitStack => {
  const stack = new Set<() => Promise<void>>()
  return {
    push: (undo) => {
      let running: Promise<void> | undefined
      const once = (): Promise<void> => {
        stack.delete(once)
        running ??= Promise.resolve().then(undo)
        return running
      }
      stack.add(once)
      return once
    },
    unwind: async () => {
      for (let last = [...stack].at(-1); last !== undefined; last = [...stack].at(-1)) {
        await last().catch(onFailure)
      }
    },
  }
}
