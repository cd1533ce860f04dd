import { afterEach, beforeEach, expect, test } from 'vitest'
import { EnvironmentFault } from '../../../diagnostics/fault.ts'
import type { TestHost, TestHostScript } from '../../../host/testing.ts'
import { createTestHost } from '../../../host/testing.ts'
import { readWorkloads } from '../workloads.ts'
import { chartYamlText, memoryStore, places, requestFor, writeFiles } from './testing.ts'

let host: TestHost
let folder: string
let work: string

const start = async (exec?: TestHostScript['exec']): Promise<void> => {
  host = createTestHost(exec === undefined ? {} : { exec })
  folder = await host.files.makeTemporaryDirectory('site-')
  work = await host.files.makeTemporaryDirectory('work-')
  await writeFiles(host, folder, {
    'podinfo/Chart.yaml': chartYamlText(),
    'podinfo/values.yaml': 'image: { repository: ghcr.io/stefanprodan/podinfo }\n',
    'v.yaml': 'db: { password: "${pw}" }\n',
  })
}
beforeEach(() => {
  work = ''
})
afterEach(() => host.close())

const read = async () => {
  const images =
    '{ charts: [{ name: podinfo, file: ./podinfo, namespace: demo, values: ./v.yaml, secrets: { pw: { env: PW } }, set: { a.b: "1,2", c: 3, d: true, e: "null", f: 1.5 } }] }'
  return readWorkloads(host, memoryStore(host).store, work, requestFor(images, folder))
}

const rendered = `---
# Source: podinfo/crds/crd.yaml
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: x }
---
# Source: podinfo/templates/deployment.yaml
kind: Deployment
spec: { image: "ghcr.io/stefanprodan/podinfo:6.9.1", imagePullPolicy: Always }
---
# Source: podinfo/templates/tests/jwt.yaml
kind: Pod
metadata: { annotations: { "helm.sh/hook": "post-install,test-success" } }
spec: { image: "curl:8" }
`

test('helm renders a chart with its values, for the release of k3s, and never sees a secret', async () => {
  const values: string[] = []
  await start((argv) => {
    values.push(argv.join(' ').replaceAll(work, ''))
    return { stdout: rendered }
  })
  const [locked, faults] = await read()
  expect(faults).toEqual([])
  expect(values).toEqual([
    'helm template podinfo /chart.tgz --namespace demo --include-crds --kube-version v1.33.1+k3s1 --api-versions helm.cattle.io/v1 --api-versions helm.cattle.io/v1/HelmChart --api-versions helm.cattle.io/v1/HelmChartConfig --api-versions k3s.cattle.io/v1 --api-versions k3s.cattle.io/v1/Addon --values /values.yaml --set-string a.b=1\\,2 --set c=3 --set d=true --set e=null --set-string f=1.5',
  ])
  expect(await host.files.readText(`${work}/values.yaml`)).toBe('db: { password: "secret" }\n')
  expect(locked?.[0]).toMatchObject({
    notRendered: null,
    images: [
      {
        image: 'ghcr.io/stefanprodan/podinfo:6.9.1',
        certainty: 'certain',
        pull: 'always',
        by: 'chart podinfo, templates/deployment.yaml',
      },
    ],
  })
})

test('values that helm refuses are a fault at the chart, in its words', async () => {
  await start(() => ({
    exitCode: 1,
    stderr:
      'coalesce.go:286: warning: cannot overwrite table\nError: execution error at (podinfo/templates/a.yaml:3:4): host is required\n\nUse --debug flag to render out invalid YAML\n',
  }))
  const [locked, faults] = await read()
  expect(locked).toBeUndefined()
  expect(places(faults, folder)).toEqual(['L0041', 'lab.yaml:1:28'])
  expect(faults[0]?.message).toMatch(
    /podinfo: execution error at \(podinfo\/templates\/a\.yaml:3:4\): host is required$/,
  )
})

test('without helm the chart is looked through, and the lock says that it was not rendered', async () => {
  await start(() => {
    throw new EnvironmentFault('the program helm is not installed', 'install it')
  })
  const [locked, faults] = await read()
  expect(faults).toEqual([])
  expect(locked?.[0]).toMatchObject({
    notRendered: 'helm is not installed',
    images: [{ image: 'ghcr.io/stefanprodan/podinfo:6.9.1', certainty: 'probable' }],
  })
})
