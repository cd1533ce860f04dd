import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import type { FrontEnd } from '../recipes/recipe.ts'
import { readTemplates } from '../render/read-templates.ts'
import { createRenderer } from '../render/renderer.ts'
import type { BaseFiles } from './base-files.ts'
import { planBaseFiles } from './base-files.ts'
import { nodeTemplates } from './node-tree.ts'

const folder = resolve(import.meta.dirname, '../../templates')

const plan = async (frontEnd: FrontEnd = 'cloud-init'): Promise<BaseFiles> =>
  planBaseFiles(
    createRenderer(await readTemplates({ readText: async (path) => readFileSync(path, 'utf8') }, folder)),
    {
      recipe: 'debian-13',
      architecture: 'arm64',
      frontEnd,
      epoch: 1_763_800_000,
      enableUnits: ['site.service', 'apparmor.service'],
      maskUnits: ['other.service'],
    },
  )

const textOf = (files: BaseFiles, path: string): string => {
  const content = files.files.find((file) => file.path === path)?.content
  return content?.kind === 'text' ? content.text : ''
}

test('every file below templates/node is laid over a base', () => {
  const names = readdirSync(join(folder, 'node'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(join(folder, 'node/').length))
  expect(names.sort()).toEqual(nodeTemplates.map(({ name }) => name).sort())
})

test.each(['cloud-init', 'ignition'] as const)(
  'scripts are executable, and only they: %s',
  async (frontEnd) => {
    for (const { path, mode, content } of (await plan(frontEnd)).files) {
      const isScript = content.kind === 'text' && content.text.startsWith('#!')
      expect(mode & 0o755, path).toBe(isScript ? 0o755 : mode === 0o444 ? 0o444 : 0o644)
    }
  },
)

test('a base has one front end, and nothing of the other', async () => {
  const paths = async (frontEnd: FrontEnd): Promise<readonly string[]> => {
    const { files, links } = await plan(frontEnd)
    return [...files, ...links].map(({ path }) => path)
  }
  const ignition = await paths('ignition')
  expect(ignition.filter((path) => path.includes('cloud'))).toEqual([])
  expect(ignition).toContain('/usr/lib/systemd/system-preset/50-appliance.preset')
  expect(ignition).not.toContain('/usr/lib/systemd/system-preset/00-appliance.preset')
  const cloudInit = await paths('cloud-init')
  expect(cloudInit.filter((path) => path.includes('ignition'))).toEqual([])
  expect(cloudInit).not.toContain('/etc/machine-id')
  expect(textOf(await plan('ignition'), '/etc/machine-id')).toBe('uninitialized\n')
})

test('what is masked is not enabled, whoever asks for it', async () => {
  const files = await plan()
  expect(files.enableUnits).toContain('site.service')
  expect(files.enableUnits).not.toContain('apparmor.service')
  expect(files.maskUnits).toEqual(expect.arrayContaining(['apparmor.service', 'other.service']))
  const preset = textOf(files, '/usr/lib/systemd/system-preset/00-appliance.preset')
  expect(preset.match(/^enable .*$/gm)).toEqual(files.enableUnits.map((unit) => `enable ${unit}`))
  expect(preset.trimEnd().endsWith('\ndisable *')).toBe(true)
})

test('rendered files', async () => {
  const files = await plan()
  expect(textOf(files, '/usr/lib/appliance/release')).toBe(
    "BASE='debian-13'\nARCHITECTURE='arm64'\nEPOCH='1763800000'\n",
  )
  expect(textOf(files, '/etc/modules-load.d/appliance.conf').split('\n').slice(1)).toEqual([
    'br_netfilter',
    'dummy',
    'nf_conntrack',
    'overlay',
    'vxlan',
    '',
  ])
})
