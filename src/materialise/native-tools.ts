import { EnvironmentFault } from '../diagnostics/fault.ts'
import type { Host } from '../host/host.ts'
import type { Architecture } from '../plan/build-plan.ts'

const machines: Readonly<Record<string, Architecture>> = { x86_64: 'amd64', aarch64: 'arm64' }

/** Architecture of the machine that builds. */
export const nativeArchitecture = async (host: Host): Promise<Architecture> => {
  const { stdout } = await host.exec(['uname', '-m'], { doing: 'find out the architecture of this machine' })
  const architecture = machines[stdout.trim()]
  if (architecture !== undefined) return architecture
  throw new EnvironmentFault(
    `bases cannot be built on a ${stdout.trim()} machine`,
    'build on an x86-64 or an arm64 machine',
  )
}

/** unshare(1) before a command that needs root: as root plainly, as another user in a user namespace. */
export const asRoot = async (host: Host, options: readonly string[]): Promise<readonly string[]> => {
  const { stdout } = await host.exec(['id', '-u'], { doing: 'find out who is building' })
  if (stdout.trim() === '0') return ['unshare', ...options]
  return ['unshare', '--user', '--map-auto', '--map-root-user', ...options]
}

/** Why this user cannot become root of a user namespace, or undefined when it can. */
const whyNoRoot = async (host: Host): Promise<string | undefined> => {
  const probe = await asRoot(host, ['--mount', '--pid', '--fork', 'true'])
  const { exitCode, stderr } = await host.exec(probe, { okCodes: [0, 1], doing: 'make namespaces' })
  return exitCode === 0 ? undefined : stderr.trim()
}

export const requireNamespaces = async (host: Host): Promise<void> => {
  const reason = await whyNoRoot(host)
  if (reason === undefined) return
  throw new EnvironmentFault(
    `the root file system cannot be made as this user: ${reason}`,
    'run as root, or allow user namespaces: install uidmap, give the user ranges in /etc/subuid and /etc/subgid, and set kernel.unprivileged_userns_clone=1 where it is 0',
  )
}

const emulators: Readonly<Record<Architecture, string>> = { arm64: 'qemu-aarch64', amd64: 'qemu-x86_64' }

/** build-root.sh ended with code 90. */
export const missingEmulator = (architecture: Architecture): EnvironmentFault =>
  new EnvironmentFault(
    `this machine cannot run ${architecture} programs: no binfmt_misc entry for ${emulators[architecture]}`,
    'install qemu-user-static and binfmt-support, or run once as root: the entry is then made by itself (a plain user can make it with Linux 6.7 or newer)',
  )
