import type { Progress } from '../host/reporter.ts'

/** Turns what build-root.sh prints into a position: each package is unpacked once and set up once. */
export const createBaseProgress = (task: Progress): ((line: string) => void) => {
  let position = 0
  let step = ''
  return (line) => {
    const began = /^@ (.+)$/.exec(line)?.[1]
    if (began !== undefined) step = began
    if (/^(Unpacking|Setting up) /.test(line)) position += 1
    else if (began === undefined) return
    task.progress(position, step)
  }
}
