import type { Check, NodeVerdict, Verdict } from '../verdict.ts'
import { failedChecks } from '../verdict.ts'

const seconds = (value: number | null): string => (value === null ? 'never' : `${value.toFixed(0)} s`)

const whereOf = (check: Check): string => (check.boot === 0 ? 'over all boots' : `boot ${check.boot}`)

const checkLines = (check: Check): readonly string[] => [
  `  FAILED ${check.name} (${whereOf(check)})`,
  `    expected: ${check.expected}`,
  `    actual:   ${check.actual}`,
]

const nodeLines = (node: NodeVerdict): readonly string[] => {
  const failed = failedChecks(node)
  const boots = node.boots.map(
    ({ boot, execSeconds, healthySeconds }) =>
      `  boot ${boot}: k3s started after ${seconds(execSeconds)}, healthy after ${seconds(healthySeconds)}`,
  )
  const head = `${node.passed ? 'PASSED' : 'FAILED'} ${node.node} (${node.role}, ${node.architecture}, ${node.accelerator.toUpperCase()}): ${node.checks.length - failed.length} of ${node.checks.length} checks`
  if (node.passed) return [head, ...boots]
  return [
    head,
    ...boots,
    ...failed.flatMap(checkLines),
    `  last ${node.consoleTail.length} lines of the console:`,
    ...node.consoleTail.map((line) => `    | ${line}`),
    `  console: ${node.consoleLog}`,
    `  facts: ${node.factsFile}`,
  ]
}

/** For people. */
export const textReport = (verdict: Verdict): string => {
  const passed = verdict.nodes.filter((node) => node.passed).length
  return [
    ...verdict.nodes.flatMap(nodeLines),
    `${verdict.passed ? 'PASSED' : 'FAILED'}: ${passed} of ${verdict.nodes.length} nodes of ${verdict.cluster} with k3s ${verdict.k3sVersion} in ${verdict.seconds.toFixed(0)} s`,
    '',
  ].join('\n')
}
