import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import { somebodyCanLogIn, uniqueUsers, usableKeys, usableUserNames } from './rules/access.ts'
import {
  imageAlone,
  imageOfOneArchitecture,
  noRadioOfIgnition,
  oneSourceOfImage,
  provenDownload,
} from './rules/base-image.ts'
import { controllersStay, memoryOfServers } from './rules/board-limits.ts'
import { bootstrapTokenEnd, bootstrapTokenOfAgents, bootstrapTokenRelease } from './rules/bootstrap-token.ts'
import {
  clusterNetworksApart,
  familiesAgree,
  usableEndpoint,
  wellFormedCidrs,
} from './rules/cluster-network.ts'
import type { Rule, RuleContext } from './rules/context.ts'
import { corednsFiles, corednsIsThere } from './rules/coredns.ts'
import { wholeClientCertificate } from './rules/datastore.ts'
import { endpointOfAll, fastMedium, fixedMembers, oddMembers } from './rules/etcd.ts'
import { firewallNetworks, nodesAreKnown, overlayStaysInside, portRanges } from './rules/firewall.ts'
import {
  nothingUndone,
  podSecurityNeedsHardening,
  podSecurityRelease,
  policyForSelinux,
} from './rules/hardening.ts'
import { imageNames, pullSettings, uniqueImageNames, vipImageName } from './rules/image-entries.ts'
import { manifestNames, uniqueEntries, uniqueManifests } from './rules/images.ts'
import {
  clusterAddressKnown,
  interfaceNames,
  interfacesOnce,
  onEveryInterface,
  oneClusterInterface,
  oneDefaultGateway,
  oneFormOfNetwork,
} from './rules/interfaces.ts'
import { k3sMinor, k3sVersion, knownComponents } from './rules/k3s.ts'
import { componentArgs } from './rules/k3s-args.ts'
import { flagValues } from './rules/k3s-flag-values.ts'
import { filesOnTheImage, programsOnTheImage } from './rules/k3s-host-needs.ts'
import { k3sConfigKeys } from './rules/k3s-keys.ts'
import { clusterDnsInServices, k3sPairs } from './rules/k3s-pairs.ts'
import { k3sPorts } from './rules/k3s-ports.ts'
import { k3sValues } from './rules/k3s-values.ts'
import { deviceTreeForTheModel, drivenByTheKernel, kernelForSomebody } from './rules/kernel.ts'
import {
  kubeconfigGroups,
  kubeconfigLifetimes,
  kubeconfigNames,
  kubeconfigRoles,
  uniqueKubeconfigs,
} from './rules/kubeconfigs.ts'
import { labels, taints } from './rules/labels.ts'
import {
  gatewayInNetwork,
  hostAddress,
  oneWayToAnAddress,
  uniqueAddresses,
  wellFormedAddresses,
} from './rules/network.ts'
import {
  datastoreSettings,
  knownBase,
  knownBoards,
  oneServerAtLeast,
  oneServerWithSqlite,
  uniqueNames,
} from './rules/nodes.ts'
import {
  knownModel,
  knownPageSize,
  overlaysOfVendor,
  parameterNames,
  piOnPis,
  rawConfigLines,
  rawKernelArguments,
  settingsOfTheBoard,
} from './rules/pi.ts'
import { chainWhereItWorks, oneAuthority, wholeAuthority } from './rules/pki.ts'
import { neighboursOfHostGw, networkOfYourOwn } from './rules/pod-network.ts'
import { addressForEachPod, podNetworkForAll } from './rules/pod-network-size.ts'
import {
  privateCredentials,
  registriesRelease,
  registriesSaidOnce,
  registryEndpoints,
  registryNames,
  registryRewrites,
  usedCredentials,
  wholeCredentials,
} from './rules/registries.ts'
import { configReferences, noLiteralSecrets } from './rules/secrets.ts'
import { knownTimezone, mediumSizes, noProxyEntries, proxyAddresses, timeServers } from './rules/site.ts'
import {
  snapshotFolder,
  snapshotKeys,
  snapshotRelease,
  snapshotSchedule,
  snapshotsOfEtcd,
  snapshotsSaidOnce,
} from './rules/snapshots.ts'
import { oneProtection, usableRecipients } from './rules/state.ts'
import { userDataOnce } from './rules/user-data.ts'
import { usableVip } from './rules/vip.ts'
import { watchdogBounds } from './rules/watchdog.ts'
import { radioCountry, ssidLength, wholeWifi } from './rules/wifi.ts'
import {
  configuredCharts,
  helmControllerRuns,
  noAlwaysPull,
  secretNames,
  secretsHaveValues,
} from './rules/workloads.ts'

/** Every rule; the order does not matter, since faults are sorted by place. */
const rules: readonly Rule[] = [
  uniqueNames,
  oneServerAtLeast,
  oneServerWithSqlite,
  datastoreSettings,
  wholeClientCertificate,
  knownBoards,
  knownBase,
  oneSourceOfImage,
  provenDownload,
  imageAlone,
  imageOfOneArchitecture,
  noRadioOfIgnition,
  onEveryInterface(wellFormedAddresses),
  onEveryInterface(hostAddress),
  onEveryInterface(uniqueAddresses),
  onEveryInterface(gatewayInNetwork),
  onEveryInterface(oneWayToAnAddress),
  wellFormedCidrs,
  onEveryInterface(clusterNetworksApart),
  familiesAgree,
  usableEndpoint,
  k3sVersion,
  k3sMinor,
  k3sConfigKeys,
  k3sValues,
  componentArgs,
  k3sPairs,
  k3sPorts,
  flagValues,
  programsOnTheImage,
  filesOnTheImage,
  podNetworkForAll,
  addressForEachPod,
  clusterDnsInServices,
  knownComponents,
  labels,
  taints,
  somebodyCanLogIn,
  usableKeys,
  uniqueUsers,
  usableUserNames,
  uniqueKubeconfigs,
  kubeconfigNames,
  kubeconfigGroups,
  kubeconfigLifetimes,
  kubeconfigRoles,
  bootstrapTokenOfAgents,
  bootstrapTokenRelease,
  bootstrapTokenEnd,
  manifestNames,
  uniqueManifests,
  uniqueEntries,
  helmControllerRuns,
  configuredCharts,
  secretNames,
  secretsHaveValues,
  imageNames,
  uniqueImageNames,
  pullSettings,
  noAlwaysPull,
  knownTimezone,
  timeServers,
  proxyAddresses,
  noProxyEntries,
  mediumSizes,
  noLiteralSecrets,
  configReferences,
  oneAuthority,
  wholeAuthority,
  chainWhereItWorks,
  oneProtection,
  usableRecipients,
  oddMembers,
  fastMedium,
  fixedMembers,
  endpointOfAll,
  usableVip,
  vipImageName,
  snapshotsOfEtcd,
  snapshotsSaidOnce,
  snapshotSchedule,
  snapshotFolder,
  snapshotKeys,
  snapshotRelease,
  podSecurityNeedsHardening,
  podSecurityRelease,
  nothingUndone,
  policyForSelinux,
  corednsFiles,
  corednsIsThere,
  neighboursOfHostGw,
  networkOfYourOwn,
  interfaceNames,
  interfacesOnce,
  oneClusterInterface,
  clusterAddressKnown,
  oneDefaultGateway,
  oneFormOfNetwork,
  wholeWifi,
  ssidLength,
  radioCountry,
  userDataOnce,
  watchdogBounds,
  memoryOfServers,
  controllersStay,
  firewallNetworks,
  nodesAreKnown,
  portRanges,
  overlayStaysInside,
  registryNames,
  registryEndpoints,
  registryRewrites,
  wholeCredentials,
  usedCredentials,
  privateCredentials,
  registriesRelease,
  registriesSaidOnce,
  piOnPis,
  overlaysOfVendor,
  parameterNames,
  rawConfigLines,
  rawKernelArguments,
  knownPageSize,
  knownModel,
  drivenByTheKernel,
  deviceTreeForTheModel,
  kernelForSomebody,
  settingsOfTheBoard,
]

export const checkRules = (context: RuleContext): readonly Diagnostic[] =>
  rules.flatMap((rule) => rule(context))
