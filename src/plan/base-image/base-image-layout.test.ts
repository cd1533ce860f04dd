import { resolve } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { createTestHost } from '../../host/testing.ts'
import { readTemplates } from '../../render/read-templates.ts'
import { createRenderer } from '../../render/renderer.ts'
import type { LockedBaseImage } from '../../resolve/base-image/locked-base-image.ts'
import {
  sampleBaseImage,
  sampleCoreosImage,
  sampleFlatcarImage,
  sampleMicroosImage,
} from '../../resolve/base-image/testing.ts'
import type { ProvisionedFile } from '../provisioning/provisioning.ts'
import type { Renderer } from '../renderer.ts'
import { coreosPlaces, placedOn, placeOn } from './base-image-layout.ts'
import { baseImageOf, planBaseImageFiles } from './base-image-provisioning.ts'

let renderer: Renderer
beforeAll(async () => {
  const host = createTestHost()
  renderer = createRenderer(
    await readTemplates(host.files, resolve(import.meta.dirname, '../../../templates')),
  )
  await host.close()
})

const filesOn = (image: LockedBaseImage): ReadonlyMap<string, ProvisionedFile> =>
  new Map(planBaseImageFiles(renderer, baseImageOf(image), 0).map((file) => [file.path, file] as const))
const textOf = (path: string, image = sampleCoreosImage): string =>
  filesOn(image).get(path)?.text ?? `there is no ${path}`

test('where /usr can be written everything is at its own place', () => {
  const [own, moved] = [sampleBaseImage, sampleCoreosImage].map((image) =>
    planBaseImageFiles(renderer, baseImageOf(image), 0),
  )
  expect(own?.length).toBe(moved?.length)
  expect(own?.map(({ path }) => path)).toContain('/usr/lib/appliance/launcher')
})

const readOnly = [
  ['Fedora CoreOS', sampleCoreosImage, /^\/(?:etc|var|usr\/local)\//, 'payload|data'],
  ['openSUSE MicroOS', sampleMicroosImage, /^\/(?:etc|var|usr\/local)\//, 'payload|data'],
  ['Flatcar', sampleFlatcarImage, /^\/(?:etc|opt)\//, 'usr/local'],
] as const

test.each(readOnly)('%s: nothing is written to a read-only /usr', (_, image, writable) => {
  expect([...filesOn(image).keys()].filter((path) => !writable.test(path))).toEqual([])
})

test.each(readOnly)(
  '%s: no unit and no script names a place that is another one there',
  (_, image, __, more) => {
    const places = new RegExp(`(?<![\\w./])/(?:usr/lib/appliance|usr/bin/appliance|${more})\\b`)
    const lines = [...filesOn(image)].flatMap(([path, { text }]) =>
      text.split('\n').map((line, index) => ({ at: `${path}:${index + 1}`, line })),
    )
    const plain = (line: string): string => line.replace('$ROOT/', ' /').replace(':-}/', ' /')
    expect(lines.filter(({ line }) => places.test(plain(line)))).toEqual([])
  },
)

test.each(readOnly)('%s: every program that a unit starts is written', (_, image) => {
  const files = filesOn(image)
  const programs = [...files.values()].flatMap(({ text }) =>
    [...text.matchAll(/^Exec\w+=-?(\/\S*appliance\S*)/gm)].map(([, program]) => program ?? ''),
  )
  expect(programs.length).toBeGreaterThan(5)
  for (const program of programs) expect(files.get(program)?.mode, program).toBe(0o755)
})

test('mounts have the names of their places, and scripts know theirs', () => {
  expect(textOf('/etc/systemd/system/var-appliance-data.mount')).toContain('Where=/var/appliance/data\n')
  expect(textOf('/etc/systemd/system/var-appliance-payload.mount')).toContain(
    'Where=/var/appliance/payload\n',
  )
  expect(textOf('/etc/systemd/system/var-lib-rancher.mount')).toContain(
    'What=/var/appliance/data/var/lib/rancher\nWhere=/var/lib/rancher\n',
  )
  expect(textOf('/etc/systemd/system/k3s.service')).toContain('ExecStart=/usr/local/appliance/bin/launcher\n')
  expect(textOf('/etc/systemd/system/k3s.service')).toContain(
    'ExecStartPost=-/usr/local/appliance/bin/notice running\n',
  )
  expect(textOf('/usr/local/appliance/bin/common.sh')).toContain('PAYLOAD=$ROOT/var/appliance/payload\n')
  expect(textOf('/usr/local/bin/appliance')).toContain('lib=${APPLIANCE_ROOT:-}/usr/local/appliance/bin\n')
  expect(textOf('/usr/local/appliance/bin/disk')).toContain('data=$ROOT/var/appliance/data\n')
  expect(textOf('/opt/appliance/bin/common.sh', sampleFlatcarImage)).toContain('K3S=$ROOT/opt/bin/k3s\n')
})

test('a program of the base is called where the base has it', () => {
  const wait = '/etc/systemd/system/systemd-networkd-wait-online.service.d/10-appliance.conf'
  expect(textOf(wait, sampleFlatcarImage)).toContain(
    'ExecStart=-/usr/lib/systemd/systemd-networkd-wait-online ',
  )
})

test('what only looks like one of the places stays', () => {
  const file = {
    path: '/etc/a',
    mode: 0o644,
    text: 'a=$RUN/disk/data b=/database c=/payload-b d=/var/data\n',
  }
  expect(placedOn(coreosPlaces, file)).toEqual(file)
  expect(placeOn(coreosPlaces, '/database')).toBe('/database')
})
