import type { Host } from '../../host/host.ts'
import type { InputStore } from '../lock-request.ts'
import type { Architecture, PackagePin } from '../pins.ts'

/** A .deb is an ar archive: after 8 bytes of magic and 16 of the first member's name come 12 with its time, in decimal. */
const timeOffset = 24
const timeLength = 12

const packageTime = async (host: Host, path: string): Promise<number> => {
  const text = new TextDecoder().decode(await host.files.readRange(path, timeOffset, timeLength))
  if (!/^\d+ *$/.test(text)) throw new Error(`${path} is no Debian package`)
  return Number(text)
}

/** When the newest of these packages was built. They must be in the store. */
export const newestTime = async (
  host: Host,
  store: InputStore,
  pins: readonly PackagePin[],
): Promise<number> => {
  const all: number[] = []
  for (const pin of pins) all.push(await packageTime(host, await store.path(pin)))
  return Math.max(0, ...all)
}

/** When the newest package of each list was built. The packages must be in the store. */
export const packageTimes = async (
  host: Host,
  store: InputStore,
  packages: Readonly<Partial<Record<Architecture, readonly PackagePin[]>>>,
): Promise<Partial<Record<Architecture, number>>> => {
  const times: Partial<Record<Architecture, number>> = {}
  for (const [architecture, pins] of Object.entries(packages)) {
    times[architecture as Architecture] = await newestTime(host, store, pins)
  }
  return times
}
