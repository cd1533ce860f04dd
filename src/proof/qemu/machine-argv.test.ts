import { expect, test } from 'vitest'
import { machineArgv } from './machine-argv.ts'
import { lateDevices } from './machine-devices.ts'
import type { MachineSpec } from './machine-spec.ts'

const spec: MachineSpec = {
  node: 'bakery-1',
  architecture: 'arm64',
  model: { machine: 'virt', cpu: 'max,pauth=off' },
  accelerator: 'tcg',
  memoryMiB: 3072,
  processors: 2,
  start: { kind: 'firmware', code: '/fw/code.fd', variables: '/t/vars.fd' },
  disk: '/t/disk.qcow2',
  macAddress: '52:54:00:a9:00:00',
  networkSocket: '/t/port0.sock',
  reportSocket: '/t/report',
  consoleSocket: '/t/console',
  monitorSocket: '/t/qmp',
  consoleLog: '/t/console.log',
  clockBase: null,
}

test.each([
  ['arm64-tcg', spec],
  [
    'amd64-kvm-1970',
    {
      ...spec,
      architecture: 'amd64',
      model: { machine: 'q35', cpu: 'max' },
      accelerator: 'kvm',
      clockBase: '1970-01-01T00:00:00',
    },
  ],
  [
    'rpi3',
    {
      ...spec,
      model: { machine: 'raspi3b', cpu: 'cortex-a53', direct: { kernelArguments: [] } },
      memoryMiB: 1024,
      processors: 4,
      start: {
        kind: 'direct',
        kernel: '/t/vmlinuz',
        initrd: '/t/initrd.img',
        deviceTree: '/t/bcm2837-rpi-3-b.dtb',
        commandLine: 'ro console=ttyS1,115200 appliance.proof',
      },
    },
  ],
  [
    'raspi4b',
    {
      ...spec,
      model: { machine: 'raspi4b', cpu: 'cortex-a72', direct: { kernelArguments: [] } },
      memoryMiB: 2048,
      processors: 4,
      start: {
        kind: 'direct',
        kernel: '/t/vmlinuz',
        initrd: '/t/initrd.img',
        deviceTree: '/t/bcm2711-rpi-4-b.dtb',
        commandLine: 'ro console=ttyAMA0,115200 maxcpus=2 appliance.proof',
      },
    },
  ],
] as const)('%s', async (name, machine) => {
  await expect(`${machineArgv(machine).join('\n')}\n`).toMatchFileSnapshot(`testdata/${name}.argv.txt`)
})

test('a Raspberry Pi 3 gets network and report when its USB controller is awake', () => {
  const late = lateDevices({ ...spec, model: { machine: 'raspi3b', cpu: 'cortex-a53' } })
  expect(late?.when.test('[   48.1] dwc2 3f980000.usb: new USB bus registered, assigned bus number 1')).toBe(
    true,
  )
  expect(late?.when.test('[   48.0] dwc2 3f980000.usb: DWC OTG Controller')).toBe(false)
  expect(late?.devices.map(({ driver, port }) => [driver, port])).toEqual([
    ['usb-hub', '1'],
    ['usb-net', '1.1'],
    ['usb-serial', '1.2'],
  ])
  expect(lateDevices(spec)).toBeUndefined()
})
