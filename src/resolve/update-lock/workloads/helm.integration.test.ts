import { spawnSync } from 'node:child_process'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { TestHost } from '../../../host/testing.ts'
import { createTestHost } from '../../../host/testing.ts'
import { readWorkloads } from '../workloads.ts'
import { memoryStore, requestFor, tgz, writeFiles } from './testing.ts'

/** Debian has no helm: where somebody has installed it, charts are rendered by the real program. */
const hasHelm = spawnSync('helm', ['version', '--short']).status === 0
if (!hasHelm)
  process.stderr.write(
    'helm is not in PATH: no chart is rendered by the real program, and these tests are skipped\n',
  )
const withHelm = test.skipIf(!hasHelm)

let host: TestHost
let folder: string
let work: string
beforeEach(async () => {
  host = createTestHost()
  folder = await host.files.makeTemporaryDirectory('site-')
  work = await host.files.makeTemporaryDirectory('work-')
  await writeFiles(host, folder, { ...shop, 'shop/charts/cache-0.3.0.tgz': await cache() })
})
afterEach(() => host.close())

const cache = (): Promise<Uint8Array> =>
  tgz({
    'cache/Chart.yaml': 'apiVersion: v2\nname: cache\nversion: 0.3.0\n',
    'cache/values.yaml': 'image: redis:7\n',
    'cache/templates/pod.yaml':
      'apiVersion: v1\nkind: Pod\nmetadata: { name: cache }\nspec: { containers: [{ name: c, image: "{{ .Values.image }}" }] }\n',
  })

/** What charts of the world do: charts below it, helpers, hooks, lookups, capabilities, CRDs, notes. */
const shop = {
  'shop/Chart.yaml': `apiVersion: v2
name: shop
version: 1.2.3
appVersion: "2.5"
kubeVersion: ">= 1.25.0-0"
dependencies:
  - { name: db, version: 0.1.0, condition: db.enabled }
  - { name: cache, version: 0.x, repository: https://charts.example.com, condition: cache.enabled, alias: hot }
`,
  'shop/values.yaml': `image: { registry: ghcr.io, repository: acme/shop, tag: "" }
sidecar: quay.io/acme/sidecar:1
password: ""
db: { enabled: true }
cache: { enabled: false }
`,
  'shop/templates/_helpers.tpl':
    '{{- define "image" -}}{{ .Values.image.registry }}/{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}{{- end -}}',
  'shop/templates/deployment.yaml': `{{- if semverCompare "<1.30-0" .Capabilities.KubeVersion.Version }}{{ fail "too old" }}{{ end }}
apiVersion: apps/v1
kind: Deployment
metadata: { name: {{ .Release.Name }}, annotations: { checksum: {{ include (print $.Template.BasePath "/text.yaml") . | sha256sum }} } }
spec:
  template:
    spec:
      initContainers: [{ name: init, image: {{ include "image" . | quote }} }]
      containers:
        - name: shop
          image: {{ include "image" . | quote }}
          args: ["--sidecar={{ .Values.sidecar }}"]
          env: [{ name: HELPER_IMAGE, value: docker.io/acme/helper:3 }]
---
apiVersion: v1
kind: Secret
metadata: { name: shop }
stringData:
  password: {{ required "password must be given" .Values.password | quote }}
  kept: "{{ lookup "v1" "Secret" .Release.Namespace "shop" | len }}"
`,
  'shop/templates/text.yaml':
    'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: text }\ndata:\n  text: |\n    a\n    ---\n    # Source: no/template\n    image: in-text:1\n',
  'shop/templates/migrate.yaml':
    'apiVersion: batch/v1\nkind: Job\nmetadata: { name: m, annotations: { helm.sh/hook: "pre-install,post-upgrade" } }\nspec: { template: { spec: { containers: [{ name: m, image: acme/migrate:1 }] } } }\n',
  'shop/templates/tests/test.yaml':
    'apiVersion: v1\nkind: Pod\nmetadata: { name: t, annotations: { helm.sh/hook: test } }\nspec: { containers: [{ name: t, image: busybox }] }\n',
  'shop/templates/k3s.yaml': `{{- if and (.Capabilities.APIVersions.Has "helm.cattle.io/v1/HelmChart") (contains "+k3s" .Capabilities.KubeVersion.GitVersion) }}
apiVersion: v1
kind: Pod
metadata: { name: k3s }
spec: { containers: [{ name: k, image: acme/for-k3s:1 }] }
{{- end }}
`,
  'shop/templates/NOTES.txt': 'image: in-notes:1\n',
  'shop/crds/crd.yaml':
    'apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: { name: things.example.com }\nspec: { image: in-crd:1 }\n',
  'shop/charts/db/Chart.yaml': 'apiVersion: v2\nname: db\nversion: 0.1.0\nappVersion: "16"\n',
  'shop/charts/db/values.yaml': 'image: { repository: postgres, tag: "" }\n',
  'shop/charts/db/templates/db.yaml':
    'apiVersion: apps/v1\nkind: StatefulSet\nmetadata: { name: db }\nspec: { template: { spec: { containers: [{ name: db, image: "{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}" }] } } }\n',
  'v.yaml': 'password: "${pw}"\n',
}

const read = (more: string, k3sVersion = 'v1.33.1+k3s1') =>
  readWorkloads(host, memoryStore(host).store, work, {
    ...requestFor(`{ charts: [{ name: shop, file: ./shop, namespace: shop, ${more} }] }`, folder),
    k3sVersion,
  })

const secrets = 'values: ./v.yaml, secrets: { pw: { env: PW } }'

withHelm(
  'every image of a chart, of charts below it and of its hooks, and none of tests, notes and texts',
  async () => {
    const [locked, faults] = await read(
      `${secrets}, set: { cache.enabled: true, sidecar: "quay.io/acme/sidecar:2,quay.io/acme/other:1" }`,
    )
    expect(faults).toEqual([])
    expect(locked?.[0]?.notRendered).toBeNull()
    expect(
      locked?.[0]?.images.map(({ image, certainty, by }) => `${certainty} ${image} ${by}`).toSorted(),
    ).toEqual([
      'certain docker.io/acme/for-k3s:1 chart shop, templates/k3s.yaml',
      'certain docker.io/acme/migrate:1 chart shop, templates/migrate.yaml',
      'certain docker.io/library/postgres:16 chart shop, charts/db/templates/db.yaml',
      'certain docker.io/library/redis:7 chart shop, charts/hot/templates/pod.yaml',
      'certain ghcr.io/acme/shop:2.5 chart shop, templates/deployment.yaml',
      'probable docker.io/acme/helper:3 chart shop, templates/deployment.yaml',
      'probable quay.io/acme/other:1 chart shop, templates/deployment.yaml',
      'probable quay.io/acme/sidecar:2 chart shop, templates/deployment.yaml',
    ])
  },
)

withHelm('what is switched off asks for nothing; values of the profile count', async () => {
  const [locked] = await read(`${secrets}, set: { db.enabled: false, image.tag: "3" }`)
  const images = locked?.[0]?.images.map(({ image }) => image) ?? []
  expect(images).toContain('ghcr.io/acme/shop:3')
  expect(images.filter((image) => /postgres|redis/.test(image))).toEqual([])
})

withHelm.each([
  ['values: ./empty.yaml', 'v1.33.1+k3s1', /deployment\.yaml:\d+:\d+\): password must be given$/],
  [secrets, 'v1.28.5+k3s1', /too old$/],
  [
    secrets,
    'v1.21.14+k3s1',
    /chart requires kubeVersion: >= 1\.25\.0-0 which is incompatible with Kubernetes v1\.21\.14/,
  ],
])(
  'what k3s would refuse is refused at the desk, in the words of helm: %s, %s',
  async (more, version, words) => {
    await writeFiles(host, folder, { 'empty.yaml': '{}\n' })
    const [locked, faults] = await read(more, version)
    expect(locked).toBeUndefined()
    expect(faults.map(({ code }) => code)).toEqual(['L0041'])
    expect(faults[0]?.message).toMatch(words)
  },
)
