import type { Progress, Reporter } from './reporter.ts'

/** Does a named piece of work: told as done when it returns, as failed when it throws; the fault goes on. */
export const withTask = async <T>(
  report: Reporter,
  label: string,
  options: Parameters<Reporter['task']>[1],
  work: (task: Progress) => Promise<T>,
): Promise<T> => {
  const task = report.task(label, options)
  try {
    const result = await work(task)
    task.done()
    return result
  } catch (fault) {
    task.fail()
    throw fault
  }
}
