import type { Code } from '../../diagnostics/codes.ts'
import type { Diagnostic } from '../../diagnostics/diagnostic.ts'
import type { Path } from '../../diagnostics/yaml/yaml-tree.ts'
import type { EffectiveNode } from '../../profile/effective-node.ts'
import type { CheckedProfile } from '../../profile/validate.ts'
import type { Recipes } from '../../recipes/read-recipes.ts'
import type { Lock } from '../lock.ts'
import { lackingSoftware } from './lacking-software.ts'
import type { LockedBaseImage } from './locked-base-image.ts'
import { ignitionOf } from './locked-base-image.ts'

/** Name of the base for a sentence: `debian 13`. */
export const distributionText = ({ distribution }: Pick<LockedBaseImage, 'distribution'>): string =>
  distribution === null ? 'the base image' : `${distribution.id} ${distribution.version}`.trimEnd()

const languageOf = ({ configuration }: LockedBaseImage): 'cloud-init' | 'ignition' =>
  ignitionOf(configuration) === null ? 'cloud-init' : 'ignition'

const boardFault = (
  node: EffectiveNode,
  recipes: Recipes,
  image: LockedBaseImage,
): { readonly message: string; readonly help: string } | undefined => {
  const board = recipes.boards[node.board ?? '']
  if (board === undefined) return undefined
  const name = distributionText(image)
  if (board.architecture !== image.architecture) {
    return {
      message: `${name} is for ${image.architecture}, and \`${board.name}\` is ${board.architecture}`,
      help: `use an image for ${board.architecture}, or boards of ${image.architecture}`,
    }
  }
  const starter = board.firmware === 'uefi' ? 'uefi' : 'raspberry-pi'
  if (image.starts.includes(starter)) return undefined
  return {
    message:
      starter === 'uefi'
        ? `${name} has no boot loader that the firmware of \`${board.name}\` looks for`
        : `${name} has no boot partition for a Raspberry Pi`,
    help:
      starter === 'uefi'
        ? 'use an image that starts by UEFI: it has EFI/BOOT/BOOTAA64.EFI or BOOTX64.EFI on a FAT partition'
        : 'use an image made for Raspberry Pis: it has config.txt and device trees (also below its os_prefix) on a FAT partition',
  }
}

/** Each place in the profile that gives a node a wireless network. */
const radioPaths = (nodes: readonly EffectiveNode[]): readonly Path[] => {
  const paths = nodes.flatMap((node) =>
    node.network.wifi === undefined ? [] : [node.origin(['network', 'wifi'])],
  )
  return [...new Map(paths.map((path) => [path.join(), path])).values()]
}

const broughtHelp =
  'bring what `appliance render <profile> --node <name>` prints: as `config.ign` on the OEM partition, or by the platform'

/** Where the profile and what is in its base image do not fit. Nothing where the base is made here. */
export const checkBaseImage = (
  checked: CheckedProfile,
  recipes: Recipes,
  lock: Pick<Lock, 'base'>,
): readonly Diagnostic[] => {
  const { profile, nodes, tree } = checked
  const { image } = lock.base
  if (image === null) return []
  const fault = (
    code: Code,
    path: Path,
    message: string,
    help: string,
    severity: Diagnostic['severity'] = 'error',
  ): Diagnostic => ({
    code,
    severity,
    message,
    range: tree.locate(path),
    help,
    related:
      path.join() === 'base,image'
        ? []
        : [{ range: tree.locate(['base', 'image'], 'key'), note: 'the base image' }],
  })
  const seen = new Set<string>()
  const boards = nodes.flatMap((node) => {
    const found = boardFault(node, recipes, image)
    const at = node.origin(['board'])
    if (found === undefined || seen.has(at.join())) return []
    seen.add(at.join())
    return [fault('L0078', at, found.message, found.help)]
  })
  const radios =
    image.radio === undefined
      ? radioPaths(nodes).map((path) =>
          fault(
            'L0082',
            path,
            `${distributionText(image)} has nothing that joins a wireless network`,
            'install wpasupplicant in it, beside NetworkManager or netplan (names of Debian), and run `appliance lock`',
          ),
        )
      : []
  const software = lackingSoftware(checked, image).map(({ path, lack, help }) =>
    fault('L0082', path, `${distributionText(image)} has ${lack}`, help),
  )
  const found = [...boards, ...radios, ...software]
  const language = languageOf(image)
  if ((profile.provision ?? 'cloud-init') === language) {
    if (image.configuration.way !== 'brought') return found
    const message = `${distributionText(image)} reads its configuration from a file system that cannot be written here: images are built without it`
    return [...found, fault('L0087', ['base', 'image'], message, broughtHelp, 'warning')]
  }
  const help = `set \`provision: ${language}\``
  const message = `${distributionText(image)} is configured by ${language === 'ignition' ? 'Ignition' : 'cloud-init'}`
  const at = profile.provision === undefined ? ['base', 'image'] : ['provision']
  return [...found, fault('L0081', at, message, help)]
}
