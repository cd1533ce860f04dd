import type { Result } from '../diagnostics/diagnostic.ts'
import { hasErrors } from '../diagnostics/diagnostic.ts'
import { kernelChoice, kernelKey } from '../profile/kernel-choice.ts'
import type { CheckedProfile } from '../profile/validate.ts'
import type { Recipes } from '../recipes/read-recipes.ts'
import { checkBaseImage } from './base-image/check-base-image.ts'
import { checkLock } from './check-lock.ts'
import { resolveDatastore } from './datastore.ts'
import { resolveAccess, resolveEndpoint, resolveNode, resolveSite, resolveVip } from './defaults.ts'
import { resolveHardening } from './hardening.ts'
import { checkImages } from './images/check-images.ts'
import { imageNeeds } from './images/image-needs.ts'
import { neededImages } from './images/needed-images.ts'
import { checkKernels } from './kernels/check-kernels.ts'
import type { Lock } from './lock.ts'
import type { Architecture, ArtifactPin } from './pins.ts'
import { resolvePki } from './pki.ts'
import type { ProfileInputs } from './profile-inputs.ts'
import { defaultFrontEnd, profileInputs } from './profile-inputs.ts'
import { resolveRegistries } from './registries.ts'
import { resolveImages } from './resolve-images.ts'
import { resolveK3sSettings } from './resolve-k3s.ts'
import type { ResolvedInputs, ResolvedProfile } from './resolved-profile.ts'
import { resolveStateProtection } from './state-protection.ts'
import { resolveWorkloads } from './workloads/resolve-workloads.ts'

export interface ResolveContext {
  readonly recipes: Recipes
  /** Of the machine that builds: decides which native helpers a foreign base uses. */
  readonly buildArchitecture: Architecture
}

/** Fills every default and replaces every wish by its pin. Pure; faults are where the profile and its lock disagree. */
export const resolveProfile = (
  checked: CheckedProfile,
  lock: Lock,
  { recipes, buildArchitecture }: ResolveContext,
): Result<ResolvedProfile> => {
  const { profile, tree } = checked
  const inputs = profileInputs(checked, recipes)
  if (inputs === undefined) return [undefined, []]
  const outgrown = checkLock(inputs, lock, tree)
  if (hasErrors(outgrown)) return [undefined, outgrown]
  const imageFaults = checkBaseImage(checked, recipes, lock)
  if (hasErrors(imageFaults)) return [undefined, imageFaults]
  const kernelFaults = checkKernels(checked, recipes, lock)
  if (hasErrors(kernelFaults)) return [undefined, kernelFaults]

  const boards = Object.fromEntries(
    checked.nodes.flatMap(({ board }) => {
      const recipe = recipes.boards[board ?? '']
      return recipe === undefined ? [] : [[recipe.name, recipe] as const]
    }),
  )
  const settings = resolveK3sSettings(checked, recipes.k3s)
  const nodes = checked.nodes.flatMap((node) => {
    const board = boards[node.board ?? '']
    return board === undefined
      ? []
      : [
          resolveNode(node, board, {
            k3s: settings.ofNode(node),
            kernel: kernelKey(kernelChoice(profile, node, board.firmware)),
          }),
        ]
  })
  const endpoint = resolveEndpoint(profile, nodes)
  const pinOf = (name: string): readonly ArtifactPin[] => lock.files.filter((pin) => pin.name === name)
  const { k3s } = profile.cluster
  const vip = resolveVip(profile)
  const extra = resolveImages(inputs, lock)
  const { needs, notRendered } = imageNeeds(checked, inputs, lock, { extra, vipImage: vip?.image })
  const faults = checkImages(tree, needs, notRendered)
  if (hasErrors(faults)) return [undefined, faults]
  return [
    {
      cluster: {
        name: profile.cluster.name,
        endpoint,
        vip,
        k3sVersion: k3s.version,
        datastore: resolveDatastore(k3s.datastore, (name) => pinOf(name)[0]),
        disable: k3s.disable ?? [],
        hardening: resolveHardening(profile),
        config: settings.config,
        agentConfig: settings.agentConfig,
        registries: resolveRegistries(profile, pinOf),
        coredns: { ...k3s.coredns },
        pki: resolvePki(profile),
        stateProtection: resolveStateProtection(profile),
      },
      nodes,
      site: resolveSite(profile, nodes, endpoint),
      access: resolveAccess(profile),
      base: {
        recipe: inputs.recipe,
        packages: profile.base?.packages ?? [],
        tools: lock.base.tools[buildArchitecture] ?? [],
        image: lock.base.image,
      },
      provision: profile.provision ?? defaultFrontEnd,
      images: {
        extra,
        needed: neededImages(needs),
        ...resolveWorkloads(inputs.workloads, lock.workloads),
      },
      userData: lock.userData.map(({ sha256: _, ...fragment }) => fragment),
      outputs: profile.outputs ?? ['raw'],
      epoch: Math.floor(Date.parse(lock.created) / 1000),
      boards,
      inputs: resolveInputs(inputs, lock),
    },
    [...imageFaults, ...kernelFaults, ...faults],
  ]
}

const resolveInputs = (inputs: ProfileInputs, lock: Lock): ResolvedProfile['inputs'] =>
  Object.fromEntries(
    inputs.architectures.flatMap((architecture): readonly (readonly [Architecture, ResolvedInputs])[] => {
      const packages = lock.base.packages[architecture]
      const packagesTime = lock.base.times[architecture]
      const files = lock.k3s.files[architecture]
      if (packages === undefined || packagesTime === undefined || files === undefined) return []
      return [
        [
          architecture,
          {
            packages,
            packagesTime,
            kernels: lock.base.kernels[architecture] ?? {},
            firmware: lock.base.firmware[architecture] ?? [],
            k3s: files.binary,
            airgapImages: files.airgapImages,
            imagesUnpackedBytes: files.imagesUnpackedBytes ?? null,
            imageNames: lock.k3s.imageNames,
          },
        ],
      ]
    }),
  )
