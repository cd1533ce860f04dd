import type { Result } from '../diagnostics/diagnostic.ts'
import { hasErrors } from '../diagnostics/diagnostic.ts'
import type { LockedBaseImage } from '../resolve/base-image/locked-base-image.ts'
import type { LockedKernel } from '../resolve/kernels/locked-kernel.ts'
import type { ResolvedNode, ResolvedProfile } from '../resolve/resolved-profile.ts'
import { planBaseFiles } from './base-files.ts'
import { planBaseImage, planFolders, planImageDisk, planImageFiles } from './base-image/base-image-plan.ts'
import {
  baseImageOf,
  baseImagePaths,
  ignitionBaseOf,
  planBaseImageFiles,
  planBaseImageProvisioning,
} from './base-image/base-image-provisioning.ts'
import { planBoot } from './boot-plan.ts'
import type {
  Architecture,
  BaseImagePlan,
  BasePlan,
  BootPlan,
  BuildPlan,
  NodeExpectation,
  NodePlan,
  PackagePin,
  PayloadPlan,
  SeedPlan,
} from './build-plan.ts'
import { canonicalJson, idOf } from './canonical-json.ts'
import { checkMediums } from './check-mediums.ts'
import { planDisk } from './disk-plan.ts'
import { expectedAddOns } from './expected-add-ons.ts'
import { expectedImages } from './expected-images.ts'
import { mediumChoices } from './flash-wear.ts'
import { expectedHardening } from './hardening/hardening-files.ts'
import { apiPort, firstServer, planK3sConfig } from './k3s-config.ts'
import { planKubeconfigs } from './kubeconfigs.ts'
import { planPayload } from './payload-plan.ts'
import { planDocuments } from './provisioning/documents.ts'
import { ownIgnition } from './provisioning/ignition.ts'
import { planNodeProvisioning } from './provisioning/node-provisioning.ts'
import type { ProvisionedFile, Provisioning } from './provisioning/provisioning.ts'
import type { Renderer } from './renderer.ts'
import { shownSecrets } from './secret-text.ts'
import { planSeed } from './seed-files.ts'
import { checkUserDataFiles, checkUserDataHarm } from './user-data.ts'

/** Raised when the base builder makes other bytes from the same plan, so that a cache never mixes the two. */
const baseFormat = 1

const unique = <T>(values: readonly T[]): readonly T[] => [...new Set(values)]

/** Everything that decides what the images hold. Pure: the same profile and lock give the same plan on every machine. */
export const planBuild = (profile: ResolvedProfile, renderer: Renderer): Result<BuildPlan> => {
  const { image } = profile.base
  const baseImages = image === null ? [] : [planBaseImage(image)]
  const architectures = unique(profile.nodes.map(({ architecture }) => architecture)).toSorted()
  const bases = new Map<string, BasePlan>()
  const payloads = new Map<Architecture, PayloadPlan>()
  for (const architecture of architectures) {
    const kernels = image === null ? kernelsInUse(profile, architecture) : []
    for (const kernel of kernels)
      bases.set(baseKey({ architecture, kernel }), planBase(profile, architecture, kernel, renderer))
    payloads.set(architecture, planPayload(profile, architecture))
  }
  const boots = new Map<string, BootPlan>()
  const started = image === null ? profile.nodes : []
  for (const node of started.toSorted((a, b) => (bootKey(a) < bootKey(b) ? -1 : 1))) {
    const key = bootKey(node)
    if (boots.has(key)) continue
    const board = get(profile.boards[node.board], `board ${node.board}`)
    const base = get(bases.get(baseKey(node)), `a base for ${baseKey(node)}`)
    const firmware = profile.inputs[board.architecture]?.firmware ?? []
    boots.set(
      key,
      planBoot(
        board,
        base,
        { firmware, pi: node.pi, kernel: kernelOf(profile, node), frontEnd: profile.provision },
        renderer,
      ),
    )
  }
  const imageFiles = image === null ? [] : planBaseImageFiles(renderer, baseImageOf(image), profile.epoch)
  const nodes = profile.nodes.map((node) =>
    planNode(profile, node, {
      under:
        image === null
          ? {
              kind: 'made',
              base: get(bases.get(baseKey(node)), `a base for ${baseKey(node)}`),
              boot: get(boots.get(bootKey(node)), `a boot partition for ${node.board}`),
            }
          : { kind: 'image', image, plan: get(baseImages[0], 'a base image'), files: imageFiles },
      payload: get(payloads.get(node.architecture), `a payload for ${node.architecture}`),
    }),
  )
  const plan: BuildPlan = {
    planVersion: 1,
    cluster: profile.cluster.name,
    k3sVersion: profile.cluster.k3sVersion,
    epoch: profile.epoch,
    bases: [...bases.values()],
    baseImages,
    payloads: [...payloads.values()],
    boots: [...boots.values()],
    nodes,
    images: profile.images.needed,
    pki: profile.cluster.pki,
    stateProtection: profile.cluster.stateProtection,
    kubeconfigs: planKubeconfigs(profile),
    outputs: unique(profile.outputs).toSorted(),
  }
  const baseFiles = [
    ...plan.bases.flatMap(({ files }) => files),
    ...(image === null ? [] : baseImagePaths(profile, image, imageFiles).map((path) => ({ path }))),
  ]
  const diagnostics = [
    ...checkMediums(plan),
    ...checkUserDataFiles(profile, nodes, baseFiles),
    ...checkUserDataHarm(profile),
  ]
  return [hasErrors(diagnostics) ? undefined : plan, diagnostics]
}

/** Nodes with the same key share a boot partition. */
const bootKey = ({ board, kernel, pi }: ResolvedNode): string => `${board} ${kernel} ${canonicalJson(pi)}`

/** Nodes with the same key share a root file system. */
const baseKey = ({ architecture, kernel }: Pick<ResolvedNode, 'architecture' | 'kernel'>): string =>
  `${architecture} ${kernel}`

const kernelOf = (
  profile: ResolvedProfile,
  { architecture, kernel }: Pick<ResolvedNode, 'architecture' | 'kernel'>,
): LockedKernel =>
  get(profile.inputs[architecture]?.kernels[kernel], `the ${kernel} kernel for ${architecture}`)

const kernelsInUse = (profile: ResolvedProfile, architecture: Architecture): readonly string[] =>
  unique(
    profile.nodes.filter((node) => node.architecture === architecture).map(({ kernel }) => kernel),
  ).toSorted()

/** A kernel may bring another version of what the base has, such as from backports. */
const withKernel = (packages: readonly PackagePin[], kernel: readonly PackagePin[]): readonly PackagePin[] =>
  [...packages.filter((pin) => !kernel.some(({ name }) => name === pin.name)), ...kernel].toSorted((a, b) =>
    a.name < b.name ? -1 : 1,
  )

/** Left of the plan every name has been checked: a missing one is our fault, not the user's. */
const get = <T>(value: T | undefined, what: string): T => {
  if (value === undefined) throw new Error(`the resolved profile lacks ${what}`)
  return value
}

const planBase = (
  profile: ResolvedProfile,
  architecture: Architecture,
  kernelName: string,
  renderer: Renderer,
): BasePlan => {
  const { recipe, tools } = profile.base
  const inputs = get(profile.inputs[architecture], `inputs for ${architecture}`)
  const { name, enableUnits, frontEnds, maskUnits, initrdModules } = recipe
  const kernel = kernelOf(profile, { architecture, kernel: kernelName })
  const { source, release, pages } = kernel
  const epoch = Math.max(inputs.packagesTime, kernel.time)
  const content = {
    recipe: name,
    architecture,
    packages: source === 'given' ? inputs.packages : withKernel(inputs.packages, kernel.packages),
    ...(source === 'given' ? { kernelPackages: kernel.packages } : {}),
    ...planBaseFiles(renderer, {
      recipe: name,
      architecture,
      frontEnd: profile.provision,
      epoch,
      enableUnits: [...enableUnits, ...frontEnds[profile.provision].enableUnits],
      maskUnits,
    }),
    initrdModules,
    epoch,
  }
  return {
    id: idOf({ kind: 'base', format: baseFormat, ...content }),
    ...content,
    tools,
    kernel: { source, release, pages },
  }
}

interface SharedPlans {
  readonly under:
    | { readonly kind: 'made'; readonly base: BasePlan; readonly boot: BootPlan }
    | {
        readonly kind: 'image'
        readonly image: LockedBaseImage
        readonly plan: BaseImagePlan
        /** What its front end writes on every node. */
        readonly files: readonly ProvisionedFile[]
      }
  readonly payload: PayloadPlan
}

const planNodeBase = (
  under: SharedPlans['under'],
  provisioning: Provisioning,
  { documents }: SeedPlan,
): NodePlan['base'] =>
  under.kind === 'made'
    ? { kind: 'made', baseId: under.base.id, bootId: under.boot.id }
    : {
        kind: 'image',
        imageId: under.plan.id,
        files: planImageFiles(under.image, documents, provisioning),
        folders: planFolders(under.image),
      }

const planNode = (
  profile: ResolvedProfile,
  node: ResolvedNode,
  { under, payload }: SharedPlans,
): NodePlan => {
  const provisioning =
    under.kind === 'image'
      ? planBaseImageProvisioning(profile, node, under.image, under.files)
      : planNodeProvisioning(profile)
  const ignition = under.kind === 'image' ? ignitionBaseOf(under.image) : ownIgnition
  const documents = planDocuments(profile, node, provisioning, ignition)
  const seed = planSeed(profile, node, { documents })
  return {
    name: node.name,
    role: node.role,
    first: firstServer(profile)?.name === node.name,
    board: node.board,
    architecture: node.architecture,
    base: planNodeBase(under, provisioning, seed),
    payloadId: payload.id,
    disk:
      under.kind === 'image'
        ? planImageDisk(under.image)
        : planDisk(
            node.board,
            node.architecture,
            profile.boards[node.board]?.firmware === 'uefi' ? 'gpt' : 'hybrid',
          ),
    seed,
    addresses: node.network.kind === 'static' ? node.network.addresses : [],
    gateways: node.network.kind === 'static' ? node.network.gateways : [],
    macAddress: macOf(node),
    k3sConfig: shownSecrets(planK3sConfig(profile, node)),
    expect: expectationOf(profile, node, payload, seed),
    bootstrapToken: node.bootstrapToken,
    mediumBytes: node.storage.sizeBytes,
    medium: { kind: node.storage.medium, choices: mediumChoices(profile, node) },
  }
}

const macOf = ({ interfaces }: ResolvedNode): string | null => {
  const match = interfaces.find(({ cluster }) => cluster)?.match
  return match?.kind === 'mac' ? match.mac : null
}

const expectationOf = (
  profile: ResolvedProfile,
  node: ResolvedNode,
  payload: PayloadPlan,
  { install }: SeedPlan,
): NodeExpectation => ({
  hostname: node.name,
  labels: node.labels,
  taints: node.taints,
  apiPort: node.role === 'server' ? apiPort(profile) : null,
  images: expectedImages(profile, node, payload),
  addOns: expectedAddOns(firstServer(profile)?.name === node.name, payload, install),
  hardening: expectedHardening(profile.cluster.hardening, node.role),
})
