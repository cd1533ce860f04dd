import { EnvironmentFault } from '../../diagnostics/fault.ts'
import type { Host } from '../../host/host.ts'
import type { Architecture } from '../../plan/build-plan.ts'

interface FirmwareFamily {
  readonly code: readonly string[]
  readonly variables: readonly string[]
  /** The flash of the machine has this size and takes no other; null: any. */
  readonly flashBytes: number | null
  readonly debianPackage: string
}

/** Without Secure Boot, first found first taken: names of Debian 13, then of Debian 12. */
const families: Readonly<Record<Architecture, FirmwareFamily>> = {
  arm64: {
    code: [
      '/usr/share/AAVMF/AAVMF_CODE.no-secboot.fd',
      '/usr/share/AAVMF/AAVMF_CODE.fd',
      '/usr/share/qemu-efi-aarch64/QEMU_EFI.fd',
    ],
    variables: ['/usr/share/AAVMF/AAVMF_VARS.fd'],
    flashBytes: 64 * 1024 * 1024,
    debianPackage: 'qemu-efi-aarch64',
  },
  amd64: {
    code: ['/usr/share/OVMF/OVMF_CODE_4M.fd', '/usr/share/OVMF/OVMF_CODE.fd'],
    variables: ['/usr/share/OVMF/OVMF_VARS_4M.fd', '/usr/share/OVMF/OVMF_VARS.fd'],
    flashBytes: null,
    debianPackage: 'ovmf',
  },
}

export interface Firmware {
  readonly code: string
  readonly variables: string
}

const firstThat = async (host: Host, paths: readonly string[]): Promise<string | undefined> => {
  for (const path of paths) if ((await host.files.stat(path))?.isFile === true) return path
  return undefined
}

/** Copies a flash file and fills it up to the size the machine wants. */
const padded = async (host: Host, from: string | undefined, to: string, sizeBytes: number | null) => {
  if (from === undefined) await host.files.writeAtomic(to, '')
  else await host.files.copy(from, to)
  await host.files.chmod(to, 0o600)
  if (sizeBytes === null) return
  const file = await host.files.open(to, 'update')
  try {
    await file.truncate(sizeBytes)
  } finally {
    await file.close()
  }
}

/** UEFI firmware for one machine: its code, and variables of its own that last from boot to boot. */
export const prepareFirmware = async (
  host: Host,
  architecture: Architecture,
  directory: string,
): Promise<Firmware> => {
  const family = families[architecture]
  const code = await firstThat(host, family.code)
  const variables = await firstThat(host, family.variables)
  if (code === undefined || (variables === undefined && family.flashBytes === null)) {
    throw new EnvironmentFault(
      `no UEFI firmware for ${architecture} machines: looked for ${family.code.join(', ')}`,
      `Install it: apt install ${family.debianPackage}`,
    )
  }
  const ownVariables = `${directory}/firmware-variables.fd`
  await padded(host, variables, ownVariables, family.flashBytes)
  const codeBytes = (await host.files.stat(code))?.sizeBytes
  if (family.flashBytes === null || codeBytes === family.flashBytes) return { code, variables: ownVariables }
  const ownCode = `${directory}/firmware-code.fd`
  await padded(host, code, ownCode, family.flashBytes)
  return { code: ownCode, variables: ownVariables }
}
