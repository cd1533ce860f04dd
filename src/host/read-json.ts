import type { Host } from './host.ts'

/** What a JSON file of our own holds; undefined where it is missing or was cut off: it is then made anew. */
export const readJson = async <T>(host: Host, path: string): Promise<T | undefined> => {
  const text = await host.files.readText(path)
  if (text === undefined) return undefined
  try {
    return JSON.parse(text) as T
  } catch {
    return undefined
  }
}
