import { createServer } from 'node:net'
import { EnvironmentFault } from '../../diagnostics/fault.ts'
import type { Host } from '../../host/host.ts'
import { addRouter } from './dhcp-router.ts'
import { openFrameSwitch } from './frame-switch.ts'
import type { RunningQemu } from './running-qemu.ts'
import { startQemu } from './running-qemu.ts'
import type { HostService, SiteNetwork } from './site-network.ts'
import { siteArgv } from './site-network.ts'
import { answerTime } from './time-server.ts'

/** The running network: ports for the machines, and ways from this host to them. */
export interface Site {
  readonly network: SiteNetwork
  /** Unix socket for the machine with this index. */
  readonly port: (index: number) => string
  /** A TCP port on 127.0.0.1 that leads to a machine's address; the same for the same target. */
  readonly forward: (address: string, port: number) => Promise<number>
  /** How far the time that the router tells (NTP) is ahead of this host's, in seconds; null: it tells none. */
  readonly setTimeAhead: (seconds: number | null) => void
  readonly stop: () => Promise<void>
}

/** `stream` network devices came with QEMU 7.2, the version of Debian 12. */
const oldestQemu = [7, 2] as const

const requireQemu = async (host: Host, program: string): Promise<void> => {
  const { stdout } = await host.exec([program, '--version'], { doing: 'ask QEMU for its version' })
  const [, major = '0', minor = '0'] = /version (\d+)\.(\d+)/.exec(stdout) ?? []
  const isOld =
    Number(major) < oldestQemu[0] || (Number(major) === oldestQemu[0] && Number(minor) < oldestQemu[1])
  if (isOld) {
    throw new EnvironmentFault(
      `${program} is version ${major}.${minor}, too old for the proof`,
      `Install QEMU ${oldestQemu.join('.')} or later; Debian 12 has it.`,
    )
  }
}

/** A port that was free a moment ago. */
const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => (address !== null && typeof address === 'object' ? resolve(address.port) : reject()))
    })
  })

export const startSite = async (
  host: Host,
  options: {
    readonly network: SiteNetwork
    readonly hostServices: readonly HostService[]
    /** One port for each of these machines. */
    readonly macAddresses: readonly string[]
    readonly directory: string
    readonly program: string
  },
): Promise<Site> => {
  const { network, directory, program } = options
  await requireQemu(host, program)
  const machines = options.macAddresses.map((mac, at) => ({ mac, socket: `${directory}/nic${at}.sock` }))
  const routerSocket = `${directory}/router.sock`
  const monitorSocket = `${directory}/site.qmp`
  const argv = siteArgv(network, routerSocket, monitorSocket, program, options.hostServices)
  const qemu: RunningQemu = await startQemu(host, argv, monitorSocket, 'start the virtual network')
  let secondsAhead: number | null = 0
  const frameSwitch = await openFrameSwitch({
    routerSocket,
    machines,
    fromRouter: (frame) => addRouter(frame, network.ipv4Host),
    inRoutersPlace: (frame) =>
      secondsAhead === null
        ? undefined
        : answerTime(frame, network.ipv4Host, host.now() / 1000 + secondsAhead),
    signal: host.signal,
  }).catch(async (error: unknown) => {
    await qemu.stop()
    throw error
  })
  const forwards = new Map<string, number>()
  return {
    network,
    port: (index) => machines[index]?.socket ?? '',
    forward: async (address, port) => {
      const target = `${address}:${port}`
      const known = forwards.get(target)
      if (known !== undefined) return known
      for (let attempt = 0; attempt < 5; attempt += 1) {
        const local = await freePort()
        const answer = await qemu.monitor.human(`hostfwd_add router tcp:127.0.0.1:${local}-${target}`)
        if (answer.trim() === '') {
          forwards.set(target, local)
          return local
        }
      }
      throw new EnvironmentFault(
        `QEMU cannot forward a port of 127.0.0.1 to ${target}`,
        'Look for a firewall or a program that takes every free port of this machine.',
      )
    },
    setTimeAhead: (seconds) => {
      secondsAhead = seconds
    },
    stop: async () => {
      await frameSwitch.close()
      await qemu.stop()
    },
  }
}
