import { expect, test } from 'vitest'
import type { Verdict } from '../verdict.ts'
import { jsonReport, junitReport } from './machine-reports.ts'
import { textReport } from './text-report.ts'

const verdict: Verdict = {
  cluster: 'bakery',
  k3sVersion: 'v1.33.1+k3s1',
  passed: false,
  accelerators: { arm64: { name: 'tcg', reason: 'no /dev/kvm' } },
  seconds: 201.44,
  nodes: [
    {
      node: 'bakery-1',
      role: 'server',
      architecture: 'arm64',
      passed: false,
      accelerator: 'tcg',
      checks: [
        { name: 'healthy', boot: 1, passed: true, expected: 'k3s serves', actual: 'it is' },
        {
          name: 'node-ready',
          boot: 2,
          passed: false,
          expected: 'node <bakery-1> is "Ready"',
          actual: 'no\u0007 & no',
        },
        { name: 'machine-id-kept', boot: 0, passed: false, expected: 'one', actual: 'a | b' },
      ],
      boots: [
        { boot: 1, execSeconds: 61.2, healthySeconds: 90.5 },
        { boot: 2, execSeconds: null, healthySeconds: null },
      ],
      consoleLog: 'out/bakery/test/bakery-1/console.log',
      factsFile: 'out/bakery/test/bakery-1/facts.json',
      consoleTail: ['bakery-1 login: ', '\u001b[31m<oops>'],
    },
    {
      node: 'oven-1',
      role: 'agent',
      architecture: 'arm64',
      passed: true,
      accelerator: 'tcg',
      checks: [{ name: 'healthy', boot: 1, passed: true, expected: 'k3s serves', actual: 'it is' }],
      boots: [{ boot: 1, execSeconds: 30, healthySeconds: 40 }],
      consoleLog: 'out/bakery/test/oven-1/console.log',
      factsFile: 'out/bakery/test/oven-1/facts.json',
      consoleTail: [],
    },
  ],
}

test('text names what failed, the end of the console and the log', async () => {
  await expect(textReport(verdict)).toMatchFileSnapshot('testdata/verdict.txt')
})

test('JUnit counts, escapes and leaves out what XML cannot hold', async () => {
  const xml = junitReport(verdict)
  await expect(xml).toMatchFileSnapshot('testdata/verdict.junit.xml')
  expect(xml).not.toMatch(/[^\t\n\u0020-\u{10ffff}]/u)
})

test('JSON is the verdict', () => {
  expect(JSON.parse(jsonReport(verdict))).toEqual(verdict)
})
