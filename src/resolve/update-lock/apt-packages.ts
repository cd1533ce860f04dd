import { StepFault } from '../../diagnostics/fault.ts'
import { parsePrintUris, parseUnknownPackages } from '../apt-output.ts'
import type { PackagePin } from '../pins.ts'
import type { AptRoot } from './apt-root.ts'

/** Names that the archives do not have: what a user wrote, hence a value and no fault. */
export interface UnknownPackages {
  readonly unknown: readonly string[]
}

const choose = async (
  apt: AptRoot,
  args: readonly string[],
  archives: Readonly<Record<string, string>>,
): Promise<readonly PackagePin[] | UnknownPackages> => {
  try {
    return parsePrintUris(await apt.run('apt-get', args), archives)
  } catch (error) {
    const unknown = error instanceof StepFault ? parseUnknownPackages(error.lastLines) : []
    if (unknown.length > 0) return { unknown }
    throw error
  }
}

/** The packages and all that they depend on, without recommended ones; with `essential`, also what every Debian has. */
export const choosePackages = (
  apt: AptRoot,
  names: readonly string[],
  archives: Readonly<Record<string, string>>,
  { essential }: { readonly essential: boolean },
): Promise<readonly PackagePin[] | UnknownPackages> => {
  const wanted = [...(essential ? ['?essential'] : []), ...names]
  return choose(apt, ['install', '--yes', '-qq', '--print-uris', '--', ...wanted], archives)
}

/** The packages alone. */
export const chooseFiles = (
  apt: AptRoot,
  names: readonly string[],
  archives: Readonly<Record<string, string>>,
): Promise<readonly PackagePin[] | UnknownPackages> =>
  choose(apt, ['download', '-qq', '--print-uris', '--', ...names], archives)
