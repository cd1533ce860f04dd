import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { createNodeHost } from '../../src/host/node-host.ts'
import {
  dockerArchive,
  layoutFiles,
  ociArchive,
  tinyImage,
} from '../../src/resolve/update-lock/images/testing/tiny-images.ts'

/** Found nowhere but on the seed: a test looks for it. */
export const databasePassword = 'kiln-database-8f3b1c7d'

// No pod is started: the images hold a text file each, and what is proved is that they are there.
const deployment = (name: string, namespace: string, image: string): string => `apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name}, namespace: ${namespace} }
spec:
  replicas: 0
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name} } }
    spec:
      containers:
        - { name: ${name}, image: "${image}", imagePullPolicy: IfNotPresent }
`

const database = `apiVersion: v1
kind: Secret
metadata: { name: database, namespace: kiln }
stringData:
  password: \${db-password}
`

/** One layer is the same in all three, and lies in the archive of the node once. */
const images = async (): Promise<Readonly<Record<string, Buffer>>> => {
  const common = 'common '.repeat(2000)
  const oven = await tinyImage('arm64', [common, 'oven'], 'plain')
  const bells = await Promise.all(['arm64', 'amd64'].map((each) => tinyImage(each, [common, `bell ${each}`])))
  const timer = await tinyImage('arm64', [common, 'timer'])
  const layout = layoutFiles([
    { annotations: { 'org.opencontainers.image.ref.name': '3' }, images: [timer] },
    { annotations: { 'org.opencontainers.image.ref.name': '2' }, images: [oven] },
  ])
  const named = { 'io.containerd.image.name': 'docker.io/example/bell:2' }
  return {
    'images/oven.tar.gz': gzipSync(
      await dockerArchive([{ tags: ['example/oven:1.4', 'registry.example.com/oven:1'], image: oven }]),
    ),
    'images/bell.oci.tar': await ociArchive([{ annotations: named, images: bells }]),
    ...Object.fromEntries(layout.map(([name, bytes]) => [`images/timer/${name}`, bytes])),
  }
}

/** Files that qemu-tests/profiles/arm64-server.yaml names: the same bytes each time. */
export const writeWorkloads = async (folder: string): Promise<void> => {
  const files: Readonly<Record<string, string | Buffer>> = {
    ...(await images()),
    'manifests/oven.yaml': `apiVersion: v1
kind: Namespace
metadata: { name: kiln }
---
${deployment('oven', 'kiln', 'example/oven:1.4')}`,
    'manifests/timers/timer.yaml': deployment('timer', 'kiln', 'registry.example.com/timer:3'),
    // By the name that nodes have for it because of the system's own registry.
    'manifests/timers/gong.yaml': deployment('gong', 'kiln', 'registry.example.com:5000/example/bell:2'),
    'database.yaml': database,
    'db-password': `${databasePassword}\n`,
    'charts/bell/Chart.yaml': 'apiVersion: v2\nname: bell\nversion: 0.2.0\nappVersion: "2"\n',
    'charts/bell/values.yaml': 'image: { repository: example/bell, tag: "" }\nvolume: 1\n',
    'charts/bell/templates/deployment.yaml': deployment(
      'bell',
      '{{ .Release.Namespace }}',
      '{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}',
    ),
    'charts/bell.yaml': 'volume: 11\n',
  }
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeFile(join(folder, name), content)
  }
  const host = createNodeHost()
  try {
    const [plain, packed] = ['images/bell.oci.tar', 'images/bell.oci.tar.zst'].map((name) =>
      join(folder, name),
    )
    await host.exec(['zstd', '-q', '-f', '-T1', plain ?? '', '-o', packed ?? ''])
  } finally {
    await host.close()
  }
}
