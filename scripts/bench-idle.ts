import {
  idleBudgetBytes,
  idleMinutes,
  measureIdleWrites,
  openCardNode,
} from '../qemu-tests/support/idle-writes.ts'
import { switchOff, switchOn, untilReady } from '../qemu-tests/support/lab.ts'
import { isRealRelease } from '../qemu-tests/support/workspace.ts'
import { createNodeHost } from '../src/host/node-host.ts'

interface IdleFigure {
  readonly what: string
  readonly measured: string
  readonly bar: string
}

const megabytes = (bytes: number): string => `${(bytes / 1024 ** 2).toFixed(2)} MiB`

/** What a node on an SD card writes while nobody does anything. */
export const idleFigures = async (): Promise<readonly IdleFigure[]> => {
  const host = createNodeHost()
  const { lab, workspace, key, address } = await openCardNode(host)
  try {
    const node = await switchOn(lab, 'card-1')
    await untilReady(host, lab, workspace.imageDirectory, node, address)
    const { systemBytes, withK3sBytes } = await measureIdleWrites(lab, address, key, isRealRelease)
    await switchOff([node])
    const what = `written in ${idleMinutes} idle minutes, medium sd`
    return [
      {
        what: `${what}, without k3s`,
        measured: megabytes(systemBytes),
        bar: `<= ${megabytes(idleBudgetBytes)}`,
      },
      {
        what: `${what}, the share of k3s`,
        measured:
          withK3sBytes === null ? 'unmeasured: no release of k3s' : megabytes(withK3sBytes - systemBytes),
        bar: '(apart)',
      },
    ]
  } finally {
    await lab.close()
    await host.close()
  }
}
