/** Where talk goes: stderr as plain lines, a TTY's progress bars, or JSON lines. Data never goes here. */
export interface Reporter {
  readonly info: (message: string) => void
  readonly warn: (message: string) => void
  /** Only shown with --verbose. */
  readonly debug: (message: string) => void
  /** A named piece of work with progress; `total` in `unit`, when known. Always call done or fail. */
  readonly task: (
    label: string,
    options?: { readonly total?: number; readonly unit?: 'bytes' | 'items' | 'steps' },
  ) => Task
}

/** What work in progress may say of itself. */
export interface Progress {
  /** Absolute position, not a difference. */
  readonly progress: (position: number, note?: string) => void
}

export interface Task extends Progress {
  readonly done: (note?: string) => void
  readonly fail: (note?: string) => void
}
