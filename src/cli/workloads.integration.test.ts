import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { TestHost } from '../host/testing.ts'
import { createTestHost } from '../host/testing.ts'
import type { BuildPlan } from '../plan/build-plan.ts'
import type { TestRegistry } from '../resolve/update-lock/images/testing/registry.ts'
import { login, pushImages, startRegistry } from '../resolve/update-lock/images/testing/registry.ts'
import { dockerArchive, tinyImage } from '../resolve/update-lock/images/testing/tiny-images.ts'
import type { BundleInspection } from '../verify/inspect-bundle.ts'
import type { Inspection } from '../verify/inspection.ts'
import { readRepositoryFile } from './testing/locked-profile.ts'
import type { CliRun } from './testing/run-cli.ts'
import { runCli, testArtifacts } from './testing/run-cli.ts'

const databasePassword = 'only-on-the-seed-4f7a'

let host: TestHost
let folder: string
let registry: TestRegistry
let profile: string
beforeAll(async () => {
  host = createTestHost({ offline: false, environment: { PATH: process.env['PATH'], HOME: '/nonexistent' } })
  folder = await mkdtemp(join(tmpdir(), 'appliance-workloads-'))
  await mkdir(join(folder, 'registry'))
  registry = await startRegistry(host, join(folder, 'registry'))
  const images = await Promise.all(['arm64', 'amd64'].map((each) => tinyImage(each, ['common', each])))
  await pushImages(host, registry, join(folder, 'push'), 'shop/oven:1.4', images)
  profile = await writeSite('site')
}, 60_000)
afterAll(async () => {
  await registry.close()
  await host.close()
  await rm(folder, { recursive: true, force: true })
})

const deployment = (name: string, image: string): string => `apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name}, namespace: default }
spec: { template: { spec: { containers: [{ name: ${name}, image: "${image}" }] } } }
`

const files = async (): Promise<Readonly<Record<string, string | Buffer>>> => ({
  'manifests/oven.yaml': deployment('oven', `${registry.through}/shop/oven:1.4`),
  'database.yaml':
    'apiVersion: v1\nkind: Secret\nmetadata: { name: database }\nstringData: { password: "${db-password}" }\n',
  'bell/Chart.yaml': 'apiVersion: v2\nname: bell\nversion: 0.1.0\n',
  'bell/values.yaml': 'image: example/bell:2\npassword: ""\n',
  'bell/templates/bell.yaml': deployment('bell', '{{ .Values.image }}'),
  'bell.yaml': 'password: ${db-password}\n',
  'traefik.yaml': 'ports: { web: { nodePort: 30080 } }\n',
  'bell.tar': await dockerArchive([
    { tags: ['example/bell:2'], image: await tinyImage('arm64', ['bell'], 'plain') },
  ]),
  'registry-ca.pem': await readFile(registry.ca),
})

/** The quickstart, so that its base is the one that others have built, with everything that a profile can deploy. */
const writeSite = async (name: string, more = ''): Promise<string> => {
  for (const [path, content] of Object.entries(await files())) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), content)
  }
  const secret = 'secrets: { db-password: { env: DB_PASSWORD } }'
  const path = join(folder, `${name}.yaml`)
  await writeFile(
    path,
    `${await readRepositoryFile('profiles/quickstart.yaml')}
images:
  extra:
    - ${registry.through}/shop/oven:1.4
    - { file: ./bell.tar }
  pull:
    - { registry: "${registry.through}", username: ${login.username}, password: { env: REGISTRY_PASSWORD }, ca: ./registry-ca.pem }
  manifests:
    - ./manifests
    - { file: ./database.yaml, ${secret} }
${more}
  charts:
    - { name: bell, file: ./bell, namespace: bells, values: ./bell.yaml, ${secret} }
  chartConfigs:
    - { name: traefik, values: ./traefik.yaml }
`,
  )
  return path
}

const run = async (args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<CliRun> => {
  const secrets = { DB_PASSWORD: databasePassword, REGISTRY_PASSWORD: login.password }
  const done = await runCli(args, { env: { ...secrets, ...env } })
  expect(done.stdout + done.stderr).not.toContain(databasePassword)
  expect(done.stdout + done.stderr).not.toContain(login.password)
  return done
}

const succeed = async (...args: Parameters<typeof run>): Promise<string> => {
  const { exitCode, stdout, stderr } = await run(...args)
  expect(exitCode, stderr).toBe(0)
  return stdout
}

/** Bases as they were built before, and no input at all. */
const emptyCache = async (): Promise<Readonly<Record<string, string>>> => {
  const own = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'appliance')
  const built = join(process.env['APPLIANCE_CACHE'] ?? own, 'built')
  const cache = join(folder, 'cache')
  await mkdir(built, { recursive: true })
  await mkdir(cache)
  await symlink(built, join(cache, 'built'))
  return { APPLIANCE_CACHE: cache }
}

const sharedFiles = [
  'images/extra-images-arm64.tar.zst',
  'manifests/bell.yaml',
  'manifests/oven.yaml',
  'manifests/traefik-config.yaml',
]
const secretFiles = ['bell-values.yaml', 'database.yaml'].map(
  (name) => `/var/lib/rancher/k3s/server/manifests/${name}`,
)

test('lock --export, then the registry is gone: plan, build --offline, bundle, and what is in them', async () => {
  const kept = join(folder, 'kept')
  await succeed(['lock', profile, '--artifacts', testArtifacts, '--export', kept])
  await registry.stop()

  const plan = JSON.parse(await succeed(['plan', profile, '--format', 'json'])) as BuildPlan
  const asked = plan.images.filter(({ from }) => from === 'extra')
  expect(asked.map(({ image, askedBy }) => [image, askedBy.length > 0])).toEqual([
    ['docker.io/example/bell:2', true],
    [`${registry.through}/shop/oven:1.4`, true],
  ])
  expect(JSON.stringify(plan)).not.toContain(databasePassword)

  const env = await emptyCache()
  const output = join(folder, 'out')
  await succeed(['build', profile, '--offline', '--artifacts', kept, '-o', output], env)
  const image = join(output, 'quickstart/node-1.img')
  const { payload, seed } = JSON.parse(await succeed(['inspect', image, '--format', 'json'])) as Inspection
  const paths = payload?.files.map(({ path }) => path) ?? []
  expect(paths).toEqual(expect.arrayContaining(sharedFiles))
  expect(paths.filter((path) => path.startsWith('manifests/'))).toHaveLength(3)
  const onSeed = seed?.install.filter(({ secret }) => secret).map(({ target }) => target)
  expect(onSeed).toEqual(expect.arrayContaining(secretFiles))

  const bundle = join(folder, 'site.bundle.tar')
  await succeed(['bundle', profile, '--artifacts', kept, '-o', bundle], env)
  const inspected = JSON.parse(await succeed(['inspect', bundle, '--format', 'json'])) as BundleInspection
  expect(inspected).toMatchObject({ faults: [], architecture: 'arm64', payload: plan.payloads[0]?.id })
  expect(inspected.files.map(({ path }) => path)).toEqual(expect.arrayContaining(sharedFiles))
  expect((await readFile(bundle)).includes(databasePassword)).toBe(false)
})

test('a manifest that says a secret in the clear: neither built nor bundled', async () => {
  await writeFile(
    join(folder, 'leak.yaml'),
    `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: leak }\ndata: { url: "db:${databasePassword}@db" }\n`,
  )
  await registry.start()
  const leaking = await writeSite('leaking', '    - ./leak.yaml')
  await succeed(['lock', leaking, '--artifacts', testArtifacts])
  for (const args of [
    ['bundle', leaking, '--artifacts', testArtifacts, '-o', join(folder, 'leak.bundle.tar')],
    ['build', leaking, '--artifacts', testArtifacts, '-o', join(folder, 'leak')],
  ]) {
    const { exitCode, stderr } = await run(args)
    expect(stderr).toContain('leak.yaml')
    expect([exitCode, await readFile(args.at(-1) ?? '').catch(() => 'nothing')]).toEqual([4, 'nothing'])
  }
})
