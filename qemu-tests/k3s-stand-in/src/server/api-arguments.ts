/** `kube-apiserver-arg`: what the API server reads before it starts, and its words when it does not. */

import { appendFileSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { parse } from 'yaml'
import { parseArgument } from '../component-arguments.ts'
import { messageOf } from '../log.ts'
import { machinePath } from '../root.ts'

/** The last value of each flag; of one without a value, `true`. */
export function argumentsOf(list: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    list.map((argument) => {
      const { name, value } = parseArgument(argument)
      return [name, value]
    }),
  )
}

/** Kubernetes 1.33, pkg/kubeapiserver/options/plugins.go and k8s.io/apiserver/pkg/server/plugins.go. */
const PLUGINS: readonly string[] =
  `AlwaysAdmit AlwaysDeny AlwaysPullImages CertificateApproval CertificateSigning
  CertificateSubjectRestriction ClusterTrustBundleAttest DefaultIngressClass DefaultStorageClass DefaultTolerationSeconds
  DenyServiceExternalIPs EventRateLimit ExtendedResourceToleration ImagePolicyWebhook LimitPodHardAntiAffinityTopology LimitRanger
  MutatingAdmissionPolicy MutatingAdmissionWebhook NamespaceAutoProvision NamespaceExists NamespaceLifecycle NodeRestriction
  OwnerReferencesPermissionEnforcement PersistentVolumeClaimResize PodNodeSelector PodSecurity PodTolerationRestriction
  PodTopologyLabels Priority ResourceQuota RuntimeClass ServiceAccount StorageObjectInUseProtection TaintNodesByCondition
  ValidatingAdmissionPolicy ValidatingAdmissionWebhook`.split(/\s+/)

const LEVELS: readonly string[] = ['privileged', 'baseline', 'restricted']

type Fields = Readonly<Record<string, unknown>>

interface AdmissionPlugin {
  readonly name: string
  readonly configuration?: Fields
}

/** Throws what the API server would end with. */
export function checkApiArguments(list: readonly string[]): void {
  const values = argumentsOf(list)
  for (const flag of ['enable-admission-plugins', 'disable-admission-plugins']) {
    for (const plugin of (values.get(flag) ?? '').split(',')) {
      if (plugin !== '' && !PLUGINS.includes(plugin)) throw new Error(`${flag} plugin "${plugin}" is unknown`)
    }
  }
  const enabled = (values.get('enable-admission-plugins') ?? '').split(',')
  checkAdmission(values.get('admission-control-config-file'), enabled)
  checkAuditPolicy(values.get('audit-policy-file'))
}

function readYaml(path: string, failed: (reason: string) => string): Fields {
  let text: string
  try {
    text = readFileSync(machinePath(path), 'utf8')
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT'
    throw new Error(failed(`open ${path}: ${missing ? 'no such file or directory' : messageOf(error)}`))
  }
  const value: unknown = parse(text)
  if (typeof value !== 'object' || value === null) throw new Error(failed('failed decoding: no object'))
  return value as Fields
}

function checkAdmission(path: string | undefined, enabled: readonly string[]): void {
  const plugins = path === undefined ? [] : admissionPlugins(path)
  for (const { name, configuration } of plugins) {
    if (name === 'PodSecurity') checkPodSecurity(configuration)
  }
  const limits = plugins.find(({ name }) => name === 'EventRateLimit')?.configuration?.['limits']
  if (enabled.includes('EventRateLimit') && !(Array.isArray(limits) && limits.length > 0)) {
    throw new Error(
      'failed to initialize admission: couldn\'t init admission plugin "EventRateLimit": limits: Invalid value: []: must not be empty',
    )
  }
}

function admissionPlugins(path: string): readonly AdmissionPlugin[] {
  const config = readYaml(
    path,
    (reason) =>
      `failed to read plugin config: unable to read admission control configuration from "${path}" [${reason}]`,
  )
  if (config['kind'] !== 'AdmissionConfiguration' || config['apiVersion'] !== 'apiserver.config.k8s.io/v1') {
    throw new Error(
      `failed to read plugin config: no kind "${String(config['kind'])}" is registered for version "${String(config['apiVersion'])}"`,
    )
  }
  return (config['plugins'] ?? []) as readonly AdmissionPlugin[]
}

function checkPodSecurity(configuration: Fields | undefined): void {
  const failed = 'failed to initialize admission: couldn\'t init admission plugin "PodSecurity"'
  if (
    configuration?.['kind'] !== 'PodSecurityConfiguration' ||
    !/^pod-security\.admission\.config\.k8s\.io\/v1(beta1)?$/.test(String(configuration['apiVersion']))
  ) {
    throw new Error(`${failed}: no kind "${String(configuration?.['kind'])}" is registered`)
  }
  const defaults = (configuration['defaults'] ?? {}) as Fields
  for (const mode of ['enforce', 'audit', 'warn']) {
    const level = defaults[mode]
    if (level !== undefined && !LEVELS.includes(String(level)))
      throw new Error(
        `${failed}: defaults.${mode}: Invalid value: "${String(level)}": must be one of ${LEVELS.join(', ')}`,
      )
  }
}

function checkAuditPolicy(path: string | undefined): void {
  if (path === undefined) return
  const policy = readYaml(
    path,
    (reason) => `loading audit policy file: failed to read file path "${path}": ${reason}`,
  )
  if (policy['kind'] !== 'Policy' || policy['apiVersion'] !== 'audit.k8s.io/v1')
    throw new Error(
      `loading audit policy file: failed decoding: unknown group version field: from file ${path}`,
    )
  if (!Array.isArray(policy['rules']) || policy['rules'].length === 0)
    throw new Error(`loading audit policy file: loaded illegal policy with 0 rules: from file ${path}`)
}

export interface AuditEvent {
  readonly user: string
  readonly verb: string
  readonly uri: string
  readonly code: number
}

export type Audit = (event: AuditEvent) => void

/** Who asked for what, without the content. Nothing without both a policy and a log, as the API server has it. */
export function openAudit(list: readonly string[]): Audit {
  const values = argumentsOf(list)
  const path = values.get('audit-log-path')
  if (path === undefined || !values.has('audit-policy-file')) return () => undefined
  const file = machinePath(path)
  // As its log writer makes it (lumberjack): open to all, where nobody has made it before.
  mkdirSync(dirname(file), { recursive: true, mode: 0o744 })
  return ({ user, verb, uri, code }) => {
    const event = {
      kind: 'Event',
      apiVersion: 'audit.k8s.io/v1',
      level: 'Metadata',
      stage: 'ResponseComplete',
      requestURI: uri,
      verb,
      user: { username: user },
      responseStatus: { code },
      stageTimestamp: new Date().toISOString(),
    }
    appendFileSync(file, `${JSON.stringify(event)}\n`, { mode: 0o600 })
  }
}
