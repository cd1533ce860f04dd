import { join } from 'node:path'
import type { Host } from '../../../host/host.ts'
import { deviceTreeParameters } from '../../kernels/device-tree.ts'
import type { KernelOverlays } from '../../kernels/locked-kernel.ts'

const parametersOf = async (host: Host, path: string): Promise<readonly string[]> => {
  const bytes = await host.files.readBytes(path)
  if (bytes === undefined) throw new RangeError(`${path} is missing`)
  return [...deviceTreeParameters(bytes)].toSorted()
}

/**
 * Overlays of an unpacked kernel package and the parameters of each, null where it has none. Throws RangeError at a file
 * that is no device tree.
 */
export const readOverlays = async (
  host: Host,
  folder: string,
  content: readonly string[],
  trees: { readonly folder: string; readonly deviceTrees: readonly string[] },
): Promise<KernelOverlays | null> => {
  const overlays = content.flatMap((path) => {
    const match = /^(.*\/overlays)\/([^/]+)\.dtbo$/.exec(path)
    return match?.[1] === undefined || match[2] === undefined ? [] : [{ folder: match[1], name: match[2] }]
  })
  const overlayFolder = overlays[0]?.folder
  if (overlayFolder === undefined) return null
  const byName: Record<string, readonly string[]> = {}
  for (const name of overlays.map((each) => each.name).toSorted()) {
    byName[name] = await parametersOf(host, join(folder, overlayFolder, `${name}.dtbo`))
  }
  const parameters: Record<string, readonly string[]> = {}
  for (const name of trees.deviceTrees) {
    parameters[name] = await parametersOf(host, join(folder, trees.folder, name))
  }
  const maps = content
    .filter((path) => path === `${overlayFolder}/overlay_map.dtb`)
    .map((path) => path.slice(overlayFolder.length + 1))
  return { folder: overlayFolder, maps, byName, parameters }
}
