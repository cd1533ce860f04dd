import { lineColumnOf } from '../../diagnostics/source-file.ts'
import type { Recipes } from '../../recipes/read-recipes.ts'
import { sampleBase, sampleK3sTables } from '../../recipes/testing.ts'
import { validateProfile } from '../validate.ts'

const board = {
  name: 'arm64-uefi',
  title: 'x',
  architecture: 'arm64' as const,
  firmware: 'uefi' as const,
  kernelArguments: [],
  wirelessPackages: [],
  qemu: { machine: 'virt' as const, cpu: 'x' },
}

/** One board and one base, and the tables of this repository. */
export const sampleRecipes: Recipes = {
  boards: { 'arm64-uefi': board },
  bases: { 'debian-13': sampleBase },
  k3s: sampleK3sTables,
}

export interface Lab {
  readonly version?: string
  /** Lines below `cluster.k3s`, in flow style: `config: { debug: true }`. */
  readonly k3s?: string
  /** Packages added to the base. */
  readonly packages?: readonly string[]
  /** What follows the name and role of the server and of the agent. */
  readonly server?: string
  readonly agent?: string
}

/** A profile of one server and one agent around the settings of a test. */
export const labProfile = ({
  version = 'v1.33.1+k3s1',
  k3s = '',
  server = '',
  agent = '',
  packages,
}: Lab): string =>
  `apiVersion: appliance/v1alpha1
cluster:
  name: lab
  k3s:
    version: ${version}
${k3s === '' ? '' : k3s.replace(/^/gm, '    ')}
nodes:
  - { name: lab-1, role: server, board: arm64-uefi${server} }
  - { name: lab-2, role: agent, board: arm64-uefi${agent} }
access:
  users:
    - { name: ops, sshKeys: [ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBkRjGN3IGBX+WaZLFVVfWKwgLxrbLtH3Jzu6FOAxagE ops@example.com] }
${packages === undefined ? '' : `base: { packages: [${packages.join(', ')}] }\n`}`

/** `R0312 line:column [marked text] message; help`: what validation says of a lab. */
export const faultsOf = (lab: Lab): readonly string[] => {
  const text = labProfile(lab)
  const [, faults] = validateProfile({ path: 'lab.yaml', text }, sampleRecipes)
  return faults.map(({ code, severity, range, message, help }) => {
    const place = range === undefined ? undefined : lineColumnOf(range.file, range.start)
    const marked = range === undefined ? '' : text.slice(range.start, range.end)
    const kind = severity === 'warning' ? `warning ${code}` : code
    return `${kind} ${place?.line}:${place?.column} [${marked}] ${message}${help === undefined ? '' : `; ${help}`}`
  })
}
