import { expect, test } from 'vitest'
import type { ResolvedProfile } from '../resolve/resolved-profile.ts'
import type { FileContent } from './build-plan.ts'
import { planPayload } from './payload-plan.ts'
import { planSeed } from './seed-files.ts'
import { sampleNode, sampleProfile } from './testing.ts'

const pin = (name: string, letter: string) => ({ name, sha256: letter.repeat(64), sizeBytes: 1000 })
const password = { at: 'images.manifests[1].secrets.db-password', source: { env: 'DB_PASSWORD' } }

const inputs = {
  k3s: pin('k3s-arm64', '1'),
  airgapImages: pin('k3s-airgap-images-arm64.tar.zst', '2'),
  imageNames: ['docker.io/rancher/mirrored-pause:3.6'],
}
const profile: ResolvedProfile = {
  ...sampleProfile(),
  inputs: { arm64: inputs } as unknown as ResolvedProfile['inputs'],
  images: {
    extra: [],
    needed: [],
    manifests: [
      { fileName: 'oven.yaml', artifact: pin('./manifests/oven.yaml', '3') },
      { fileName: 'podinfo.yaml', artifact: pin('HelmChart podinfo', '4') },
      { fileName: 'traefik-config.yaml', artifact: pin('HelmChartConfig traefik', '5') },
    ],
    secretManifests: [
      {
        fileName: 'database.yaml',
        parts: ['stringData:\n  password: ', { secret: password, as: 'json' }, '\n'],
      },
      {
        fileName: 'podinfo-values.yaml',
        parts: ['valuesContent: |2\n    ', { secret: password, as: 'json' }, '\n'],
      },
    ],
    servedCharts: [pin('large-0123456789ab.tgz', '6')],
  },
}

const shown = (content: FileContent): string =>
  content.kind === 'artifact'
    ? content.artifact.name
    : content.kind === 'composed'
      ? content.parts
          .map((part) => (typeof part === 'string' ? JSON.stringify(part) : `<${part.secret.at}>`))
          .join(' ')
      : content.kind

test('what k3s deploys: the shared payload, the first server alone, and nothing on an agent', async () => {
  const payload = planPayload(profile, 'arm64').files.map(
    ({ path, mode, content }) => `payload ${mode.toString(8)} ${path}: ${shown(content)}`,
  )
  const seeds = ['bakery-1', 'oven-1'].flatMap((name) =>
    planSeed(profile, sampleNode(profile, name))
      .install.filter(({ target }) => target.includes('/server/manifests/'))
      .map(({ target, mode, content }) => `${name} ${mode.toString(8)} ${target}: ${shown(content)}`),
  )
  expect(seeds.filter((line) => line.startsWith('oven-1'))).toEqual([])
  await expect(`${[...payload, ...seeds].join('\n')}\n`).toMatchFileSnapshot('testdata/workloads.txt')
})
