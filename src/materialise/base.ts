import { join } from 'node:path'
import { EnvironmentFault, StepFault } from '../diagnostics/fault.ts'
import type { Host } from '../host/host.ts'
import { withTask } from '../host/with-task.ts'
import type { BasePlan, PackagePin } from '../plan/build-plan.ts'
import type { ArtifactStore } from './artifact-store.ts'
import { writeOverlay } from './base-overlay.ts'
import { createBaseProgress } from './base-progress.ts'
import type { BuiltStore } from './built-store.ts'
import { baseLog } from './cache-paths.ts'
import { asRoot, missingEmulator, nativeArchitecture, requireNamespaces } from './native-tools.ts'
import { withWorkFolder } from './work-folder.ts'

export interface BaseStores {
  readonly artifacts: ArtifactStore
  readonly built: BuiltStore
  /** The cache folder: the work is done inside it. */
  readonly cache: string
  /** The program's own images/ folder, with `bases/<recipe>/build-root.sh`. */
  readonly images: string
}

export interface BaseOptions {
  /** False: everything foreign is emulated. The result is the same, only later; a test compares the two. */
  readonly helpers?: boolean
}

/** Exit code by which build-root.sh says that programs of the architecture cannot be run here. */
const cannotRun = 90
/** And that its kernel lacks modules. */
const lacksModules = 91

/** What it prints for each of them. */
const missingModule = /^missing module: (.+)$/

const lines = (items: readonly string[]): string => items.map((item) => `${item}\n`).join('')

const packagesTable = (packages: readonly PackagePin[]): string =>
  lines([
    'name\tversion\tarchitecture\tsha256',
    ...packages.map(({ name, version, architecture, sha256 }) =>
      [name, version, architecture, sha256].join('\t'),
    ),
  ])

const pathsOf = async (store: ArtifactStore, packages: readonly PackagePin[]): Promise<readonly string[]> => {
  const paths: string[] = []
  for (const pin of packages) paths.push(await store.path({ ...pin, name: `${pin.name} ${pin.version}` }))
  return paths
}

/**
 * What preinst scripts call: the shell, coreutils, dpkg and perl with their libraries are in the closure of the tools, which
 * have the same names for each architecture.
 */
const firstPackages = ({ packages, tools }: BasePlan): readonly PackagePin[] => {
  const names = new Set(tools.map(({ name }) => name))
  return packages.filter(({ name }) => names.has(name))
}

const writeInputs = async (
  host: Host,
  store: ArtifactStore,
  plan: BasePlan,
  folder: string,
): Promise<void> => {
  const write = (name: string, items: readonly string[]): Promise<void> =>
    host.files.writeAtomic(join(folder, name), lines(items))
  await write('packages', await pathsOf(store, plan.packages))
  await write('kernel', await pathsOf(store, plan.kernelPackages ?? []))
  await write('first', await pathsOf(store, firstPackages(plan)))
  await write('tools', await pathsOf(store, plan.tools))
  await write('enable', plan.enableUnits)
  await write('mask', plan.maskUnits)
  await write('modules', plan.initrdModules)
  await writeOverlay(host, store, plan, join(folder, 'overlay'))
}

const missingModules = (names: readonly string[]): EnvironmentFault =>
  new EnvironmentFault(
    `the kernel has no module ${names.join(', ')}, which k3s needs`,
    'give the package that holds it, beside the one of the kernel',
    { code: 'B1235' },
  )

const runScript = async (
  host: Host,
  plan: BasePlan,
  stores: BaseStores,
  script: string,
  folder: string,
  options: BaseOptions,
): Promise<void> => {
  const native = await nativeArchitecture(host)
  const namespaces = ['--mount', '--pid', '--net', '--uts', '--ipc', '--fork', '--kill-child']
  const helpers = options.helpers === false ? 'no' : 'yes'
  const label = `base ${plan.recipe} ${plan.architecture}`
  await withTask(host.report, label, { total: 2 * plan.packages.length, unit: 'steps' }, async (task) => {
    const log = baseLog(stores.cache, plan)
    await host.files.makeDirectory(join(log, '..'))
    await host.files.writeAtomic(log, '')
    const missing: string[] = []
    const progress = createBaseProgress(task)
    const { exitCode } = await host.exec(
      [
        ...(await asRoot(host, namespaces)),
        ...['sh', script, folder, plan.architecture, native, String(plan.epoch), helpers],
      ],
      {
        doing: `make the ${plan.architecture} root file system`,
        okCodes: [0, cannotRun, lacksModules],
        logFile: log,
        onLine: (line) => {
          const module = missingModule.exec(line)?.[1]
          if (module !== undefined) missing.push(module)
          progress(line)
        },
      },
    )
    if (exitCode === cannotRun) throw missingEmulator(plan.architecture)
    if (exitCode === lacksModules) throw missingModules(missing)
  })
}

/**
 * Folder with root.squashfs, vmlinuz, initrd.img, systemd-boot.efi and packages.tsv. Made once for each plan and version of
 * the recipe's script, as root or in a user namespace; every input comes from the store.
 */
export const buildBase = async (
  plan: BasePlan,
  host: Host,
  stores: BaseStores,
  options: BaseOptions = {},
): Promise<string> => {
  const script = join(stores.images, 'bases', plan.recipe, 'build-root.sh')
  if ((await host.files.stat(script)) === undefined) throw new StepFault(`${script} is missing`)
  const id = `${plan.id}-${(await host.files.sha256(script)).slice(0, 12)}`
  return stores.built.getOrBuild('base', id, async (target) => {
    await requireNamespaces(host)
    await withWorkFolder(host, stores.cache, 'root', async (work) => {
      await writeInputs(host, stores.artifacts, plan, work)
      await runScript(host, plan, stores, script, work, options)
      for (const name of ['root.squashfs', 'vmlinuz', 'initrd.img', 'systemd-boot.efi']) {
        await host.files.rename(join(work, 'out', name), join(target, name))
      }
    })
    const all = [...plan.packages, ...(plan.kernelPackages ?? [])]
    await host.files.writeAtomic(join(target, 'packages.tsv'), packagesTable(all))
  })
}
