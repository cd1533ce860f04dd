import { expect, test } from 'vitest'
import { lineColumnOf } from '../diagnostics/source-file.ts'
import { sampleK3sTables } from '../recipes/testing.ts'
import { placeFaults } from './place-faults.ts'
import { validateProfile } from './validate.ts'

const text = `apiVersion: appliance/v1alpha1
cluster: { name: lab, k3s: { version: v1.33.1+k3s1 } }
defaults:
  board: arm64-uefi
  storage: { size: 8GB }
nodes:
  - { name: lab-1, role: server }
  - { name: lab-2, role: agent, storage: { size: 4GB } }
access:
  users:
    - name: ops
      sshKeys: [ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBkRjGN3IGBX+WaZLFVVfWKwgLxrbLtH3Jzu6FOAxagE ops@example.com]
`

const board = {
  name: 'arm64-uefi',
  title: '',
  architecture: 'arm64' as const,
  firmware: 'uefi' as const,
  kernelArguments: [],
  wirelessPackages: [],
  qemu: { machine: 'virt' as const, cpu: 'x' },
}

test.each([
  ['lab-1', { line: 5, column: 20 }],
  ['lab-2', { line: 8, column: 50 }],
])('the size of %s is found where it was written', (node, place) => {
  const [checked, faults] = validateProfile(
    { path: 'x', text },
    { boards: { 'arm64-uefi': board }, bases: {}, k3s: sampleK3sTables },
  )
  expect(faults).toEqual([])
  if (checked === undefined) throw new Error('no profile')
  const fault = {
    code: 'R0502',
    severity: 'error',
    message: '',
    subject: { node, part: ['storage', 'size'] },
  } as const
  const [placed] = placeFaults(checked, [fault])
  expect(placed?.range && lineColumnOf(placed.range.file, placed.range.start)).toEqual(place)
})
