import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import type { Path, YamlTree } from '../diagnostics/yaml/yaml-tree.ts'
import { entryName, namePath } from '../profile/workload-entry.ts'
import type { ImageRequest } from './image-requests.ts'
import { imagesFor } from './image-requests.ts'
import { givenArchive, givenFilename } from './kernels/locked-kernel.ts'
import type { Lock } from './lock.ts'
import type { ProfileInputs } from './profile-inputs.ts'
import { requestOf } from './workloads/request.ts'

/** Where the profile asks for what its lock does not pin, each at its place in the profile. */
export const checkLock = (inputs: ProfileInputs, lock: Lock, tree: YamlTree): readonly Diagnostic[] => {
  const outgrown = (path: Path, message: string): Diagnostic => ({
    code: 'L0004',
    severity: 'error',
    message,
    range: tree.locate(path),
    help: `run \`appliance lock ${tree.file.path}\``,
  })
  const faults: Diagnostic[] = []
  if (lock.k3s.version !== inputs.k3sVersion) {
    faults.push(
      outgrown(
        ['cluster', 'k3s', 'version'],
        `the lock pins k3s ${lock.k3s.version}, the profile asks for ${inputs.k3sVersion}`,
      ),
    )
  }
  if (lock.base.recipe !== inputs.recipe.name) {
    faults.push(
      outgrown(
        ['base', 'os'],
        `the lock pins the base ${lock.base.recipe}, the profile asks for ${inputs.recipe.name}`,
      ),
    )
    return faults
  }
  if (!pinsBaseImage(inputs.baseImage, lock))
    faults.push(outgrown(['base'], `the lock pins ${lock.base.image?.source ?? 'no base image'}`))
  for (const architecture of inputs.architectures) {
    const pinned = lock.base.requested[architecture]
    if (
      pinned === undefined ||
      lock.base.packages[architecture] === undefined ||
      lock.base.times[architecture] === undefined ||
      lock.k3s.files[architecture] === undefined
    ) {
      faults.push(outgrown(['nodes'], `the lock pins nothing for ${architecture}`))
      continue
    }
    const wanted = inputs.requested[architecture] ?? []
    const missing = wanted.filter((name) => !pinned.includes(name))
    const dropped = pinned.filter((name) => !wanted.includes(name))
    const firmware = inputs.firmware[architecture] ?? []
    const pinnedFirmware = lock.base.firmware[architecture] ?? []
    if (firmware.join() !== pinnedFirmware.map(({ name }) => name).join()) {
      faults.push(
        outgrown(
          ['nodes'],
          `the lock pins the firmware ${pinnedFirmware.map(({ name }) => name).join(', ') || 'of no board'}, the boards need ${firmware.join(', ') || 'none'}`,
        ),
      )
    }
    for (const kernel of inputs.kernels.filter((each) => each.architecture === architecture)) {
      const found = lock.base.kernels[architecture]?.[kernel.key]
      // Which page sizes the user's packages have is told where they are read, and in check-kernels.ts.
      if (kernel.source === 'given') continue
      if (found === undefined || (kernel.forBoards && found.board === null)) {
        const what = `the ${kernel.source} kernel with pages of ${kernel.pages.replace('k', ' KiB')}`
        faults.push(outgrown(['base', 'kernel'], `the lock does not pin ${what} for ${architecture}`))
      }
    }
    if (missing.length > 0) {
      faults.push(
        outgrown(['base', 'packages'], `the lock does not pin for ${architecture}: ${missing.join(', ')}`),
      )
    }
    if (dropped.length > 0) {
      faults.push(
        outgrown(
          ['base', 'packages'],
          `the lock pins what is no longer asked for on ${architecture}: ${dropped.join(', ')}`,
        ),
      )
    }
  }
  for (const entry of inputs.workloads) {
    const locked = lock.workloads.find((each) => each.entry === entryName(entry))
    if (locked === undefined)
      faults.push(outgrown(namePath(entry), `the lock does not pin the ${entryName(entry)}`))
    else if (locked.request !== requestOf(entry))
      faults.push(outgrown(entry.at, `the lock pins the ${entryName(entry)} with other settings`))
  }
  if (inputs.userData.join('\n') !== lock.userData.map(({ file }) => file).join('\n'))
    faults.push(outgrown(['userData'], 'the lock pins other user data'))
  const given = Object.values(lock.base.kernels)
    .flatMap((kernels) => Object.values(kernels))
    .filter(({ source }) => source === 'given')
    .flatMap(({ packages }) => packages.map(({ filename }) => filename))
  const firmware = Object.values(lock.base.firmware)
    .flat()
    .flatMap(({ archive, filename }) => (archive === givenArchive ? [filename] : []))
  const pinnedFiles = [...new Set([...given, ...firmware])].toSorted()
  const namedFiles = [...new Set(inputs.givenPackages.map(givenFilename))].toSorted()
  if (pinnedFiles.join() !== namedFiles.join())
    faults.push(outgrown(['base', 'kernel'], 'the lock pins other packages of a kernel'))
  for (const path of inputs.files) {
    if (!lock.files.some((pin) => pin.name === path)) {
      faults.push(outgrown(['images'], `the lock does not pin the file ${path}`))
    }
  }
  return [...faults, ...missingImages(inputs.images, lock, outgrown)]
}

const pinsBaseImage = (wanted: ProfileInputs['baseImage'], { base: { image } }: Lock): boolean => {
  if (wanted === null || image === null) return wanted === image
  return (
    wanted.source === image.source &&
    (wanted.sha256 === null || wanted.sha256 === image.artifact.sha256) &&
    (wanted.format === null || wanted.format === image.form)
  )
}

/** Wishes of which the lock pins nothing for some architecture. */
const missingImages = (
  requests: readonly ImageRequest[],
  lock: Lock,
  outgrown: (path: Path, message: string) => Diagnostic,
): readonly Diagnostic[] =>
  requests.flatMap((request) => {
    const missing = request.architectures.filter(
      (architecture) => imagesFor(request, lock.images, architecture).length === 0,
    )
    return missing.length === 0
      ? []
      : [outgrown(request.at, `the lock does not pin the image ${request.key} for ${missing.join(', ')}`)]
  })
