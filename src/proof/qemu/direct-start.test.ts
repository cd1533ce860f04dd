import { expect, test } from 'vitest'
import { machineCommandLine } from './direct-start.ts'

const line = 'root=PARTUUID=1 ro console=tty0 console=ttyAMA10,115200'

test.each([
  ['what the machine needs comes last', ['maxcpus=2'], `${line} maxcpus=2`],
  [
    "the machine's console is in the place of the board's, beside the screen",
    ['console=ttyAMA0,115200'],
    'root=PARTUUID=1 ro console=tty0 console=ttyAMA0,115200',
  ],
  ['a machine that needs nothing', [], line],
] as const)('%s', (_, added, expected) => {
  expect(machineCommandLine(line, added)).toBe(expected)
})
