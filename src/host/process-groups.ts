/** Milliseconds between asking a program to end and ending it. */
const usualGraceMs = 5000

export interface TrackedGroup {
  /** SIGTERM to the whole group, SIGKILL when it has not ended in time. */
  readonly stop: () => void
  readonly ended: () => void
}

export interface ProcessGroups {
  readonly track: (pid: number | undefined) => TrackedGroup
  /** SIGKILL to every group that still runs; for the last resort. */
  readonly killAll: () => void
}

const signalGroup = (pid: number, signal: 'SIGTERM' | 'SIGKILL'): void => {
  try {
    process.kill(-pid, signal)
  } catch {
    // The group is gone, which is what we want.
  }
}

/** The process groups of the programs that run now. */
export const createProcessGroups = (graceMs = usualGraceMs): ProcessGroups => {
  const running = new Set<number>()
  return {
    track: (pid) => {
      if (pid === undefined) return { stop: () => undefined, ended: () => undefined }
      running.add(pid)
      let timer: NodeJS.Timeout | undefined
      return {
        stop: () => {
          signalGroup(pid, 'SIGTERM')
          timer ??= setTimeout(() => signalGroup(pid, 'SIGKILL'), graceMs)
        },
        ended: () => {
          // Grandchildren that outlived a stopped program must not outlive us.
          if (timer !== undefined) {
            clearTimeout(timer)
            signalGroup(pid, 'SIGKILL')
          }
          running.delete(pid)
        },
      }
    },
    killAll: () => {
      for (const pid of running) signalGroup(pid, 'SIGKILL')
    },
  }
}
