import type { Check, NodeVerdict, Verdict } from '../verdict.ts'
import { failedChecks } from '../verdict.ts'

/** XML 1.0 has no way to write most control characters, so they are left out. */
const xml = (text: string): string =>
  text
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '')
    .replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)

const caseName = (check: Check): string =>
  check.boot === 0 ? `${check.name} (all boots)` : `${check.name} (boot ${check.boot})`

const testCase = (verdict: Verdict, node: NodeVerdict, check: Check): string => {
  const open = `    <testcase classname="${xml(`${verdict.cluster}.${node.node}`)}" name="${xml(caseName(check))}"`
  if (check.passed) return `${open}/>`
  const message = `expected ${check.expected}, actual ${check.actual}`
  return [
    `${open}>`,
    `      <failure type="${xml(check.name)}" message="${xml(message)}">${xml(message)}</failure>`,
    '    </testcase>',
  ].join('\n')
}

const suite = (verdict: Verdict, node: NodeVerdict): string => {
  const total = node.boots.reduce((sum, { healthySeconds }) => sum + (healthySeconds ?? 0), 0)
  const output = node.passed
    ? []
    : [`    <system-out>${xml(node.consoleTail.join('\n'))}\nconsole: ${xml(node.consoleLog)}</system-out>`]
  return [
    `  <testsuite name="${xml(`${verdict.cluster}.${node.node}`)}" tests="${node.checks.length}" failures="${failedChecks(node).length}" errors="0" time="${total.toFixed(1)}">`,
    ...node.checks.map((check) => testCase(verdict, node, check)),
    ...output,
    '  </testsuite>',
  ].join('\n')
}

/** JUnit XML as CI systems read it: one suite a node, one case a check. */
export const junitReport = (verdict: Verdict): string => {
  const tests = verdict.nodes.reduce((sum, { checks }) => sum + checks.length, 0)
  const failures = verdict.nodes.reduce((sum, node) => sum + failedChecks(node).length, 0)
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="appliance test ${xml(verdict.cluster)}" tests="${tests}" failures="${failures}" errors="0" time="${verdict.seconds.toFixed(1)}">`,
    ...verdict.nodes.map((node) => suite(verdict, node)),
    '</testsuites>',
    '',
  ].join('\n')
}

/** The verdict as it is, for programs. */
export const jsonReport = (verdict: Verdict): string => `${JSON.stringify(verdict, null, 2)}\n`
