import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { checkApiArguments, openAudit } from './api-arguments.ts'

let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'machine-'))
  vi.stubEnv('K3S_STAND_IN_ROOT', root)
})
afterEach(() => {
  rmSync(root, { recursive: true })
  vi.unstubAllEnvs()
})

const write = (path: string, value: unknown): void => {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), JSON.stringify(value))
}

const limits = [{ type: 'Namespace', qps: 50, burst: 100 }]
const eventRateLimit = { name: 'EventRateLimit', configuration: { limits } }
const podSecurity = (enforce: string) => ({
  name: 'PodSecurity',
  configuration: {
    apiVersion: 'pod-security.admission.config.k8s.io/v1',
    kind: 'PodSecurityConfiguration',
    defaults: { enforce },
  },
})
const admission = (...plugins: unknown[]) => ({
  apiVersion: 'apiserver.config.k8s.io/v1',
  kind: 'AdmissionConfiguration',
  plugins,
})
const policy = (...rules: unknown[]) => ({ apiVersion: 'audit.k8s.io/v1', kind: 'Policy', rules })
const flags = [
  'enable-admission-plugins=NodeRestriction,EventRateLimit',
  'admission-control-config-file=/psa.yaml',
  'audit-policy-file=/audit.yaml',
  'audit-log-path=/logs/audit.log',
]

test('starts with all that it is told to read', () => {
  write('/psa.yaml', admission(podSecurity('restricted'), eventRateLimit))
  write('/audit.yaml', policy({ level: 'Metadata' }))
  expect(() => checkApiArguments(flags)).not.toThrow()
})

test.each([
  [
    'no such file',
    undefined,
    policy({ level: 'Metadata' }),
    'unable to read admission control configuration from "/psa.yaml" [open /psa.yaml: no such file or directory]',
  ],
  ['another kind', { kind: 'Pod' }, policy({ level: 'Metadata' }), 'no kind "Pod" is registered'],
  [
    'a wrong level',
    admission(podSecurity('strict'), eventRateLimit),
    policy({ level: 'Metadata' }),
    'defaults.enforce: Invalid value: "strict"',
  ],
  [
    'no limits',
    admission(podSecurity('baseline')),
    policy({ level: 'Metadata' }),
    'plugin "EventRateLimit": limits',
  ],
  [
    'no policy',
    admission(eventRateLimit),
    undefined,
    'loading audit policy file: failed to read file path "/audit.yaml": open /audit.yaml: no such file or directory',
  ],
  ['no rules', admission(eventRateLimit), policy(), 'loaded illegal policy with 0 rules'],
])('ends with its words: %s', (_, psa, audit, words) => {
  if (psa !== undefined) write('/psa.yaml', psa)
  if (audit !== undefined) write('/audit.yaml', audit)
  expect(() => checkApiArguments(flags)).toThrow(words)
})

test('a plugin that it does not have', () => {
  expect(() => checkApiArguments(['enable-admission-plugins=PodSecurityPolicy'])).toThrow(
    'enable-admission-plugins plugin "PodSecurityPolicy" is unknown',
  )
})

test('writes who asked for what, for root alone', () => {
  openAudit(flags)({ user: 'system:admin', verb: 'get', uri: '/api/v1/nodes', code: 200 })
  const log = join(root, 'logs/audit.log')
  expect(JSON.parse(readFileSync(log, 'utf8'))).toMatchObject({ verb: 'get', requestURI: '/api/v1/nodes' })
  expect(statSync(log).mode & 0o777).toBe(0o600)
})

test('without a policy nothing is written', () => {
  openAudit(['audit-log-path=/logs/audit.log'])({ user: 'a', verb: 'get', uri: '/', code: 200 })
  expect(existsSync(join(root, 'logs'))).toBe(false)
})
