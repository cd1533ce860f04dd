import { expect, test } from 'vitest'
import { checkComponentArguments, parseArgument } from './component-arguments.ts'

test('flags that it has pass, in every form that k3s takes', () => {
  const list = [
    'max-pods=60',
    '--max-pods=60',
    'max_pods=60',
    'feature-gates+=A=true',
    'protect-kernel-defaults',
  ]
  expect(() => checkComponentArguments('kubelet', list)).not.toThrow()
  expect(parseArgument('feature-gates+=A=true')).toEqual({ name: 'feature-gates', value: 'A=true' })
})

test.each([
  ['kubelet', 'max-pod=60', 'kubelet exited: failed to parse kubelet flag: unknown flag: --max-pod'],
  ['kube-apiserver', 'audit-policy=/a', 'apiserver exited: unknown flag: --audit-policy'],
  ['kube-scheduler', 'algorithm-provider=A', 'scheduler exited: unknown flag: --algorithm-provider'],
  ['kube-controller-manager', 'x=1', 'controller-manager exited: unknown flag: --x'],
  ['kube-proxy', 'x=1', 'kube-proxy exited: unknown flag: --x'],
  [
    'kubelet',
    'max-pods=many',
    'kubelet exited: failed to parse kubelet flag: invalid argument "many" for "--max-pods" flag: strconv.ParseInt: parsing "many": invalid syntax',
  ],
  [
    'kube-apiserver',
    'profiling=perhaps',
    'apiserver exited: invalid argument "perhaps" for "--profiling" flag: strconv.ParseBool: parsing "perhaps": invalid syntax',
  ],
] as const)('%s ends with its words for %s', (component, argument, words) => {
  expect(() => checkComponentArguments(component, [argument])).toThrow(words)
})
