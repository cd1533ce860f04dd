import { StepFault } from '../../diagnostics/fault.ts'
import { parsePrintUris, parseUnknownPackages } from '../apt-output.ts'
import type { PackagePin } from '../pins.ts'
import type { AptRoot } from './apt-root.ts'

/** Names that the archives do not have: what a user wrote, hence a value and no fault. */
export interface UnknownPackages {
  readonly unknown: readonly string[]
}

/** The packages and all that they depend on, without recommended ones; with `essential`, also what every Debian has. */
export const choosePackages = async (
  apt: AptRoot,
  names: readonly string[],
  archives: Readonly<Record<string, string>>,
  { essential }: { readonly essential: boolean },
): Promise<readonly PackagePin[] | UnknownPackages> => {
  const wanted = [...(essential ? ['?essential'] : []), ...names]
  try {
    const text = await apt.run('apt-get', ['install', '--yes', '-qq', '--print-uris', '--', ...wanted])
    return parsePrintUris(text, archives)
  } catch (error) {
    const unknown = error instanceof StepFault ? parseUnknownPackages(error.lastLines) : []
    if (unknown.length > 0) return { unknown }
    throw error
  }
}
