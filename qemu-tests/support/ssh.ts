import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { $ } from 'zx'
import type { Lab } from '../../src/proof/lab.ts'

/** A key pair for the user of a test's profile; `publicKey` is a line of authorized_keys. */
export interface KeyPair {
  readonly path: string
  readonly publicKey: string
}

const quiet = $({ stdio: ['ignore', 'pipe', 'pipe'], verbose: false })

/** Kept from run to run: the same profile gives the same image. */
export const keyPairIn = async (folder: string): Promise<KeyPair> => {
  await mkdir(folder, { recursive: true })
  const path = join(folder, 'id_ed25519')
  await quiet({ nothrow: true })`[ -s ${path}.pub ] || ssh-keygen -q -t ed25519 -N '' -C ops@test -f ${path}`
  return { path, publicKey: (await readFile(`${path}.pub`, 'utf8')).trim() }
}

/** Runs a shell command on a node as a person would; what it printed. Throws when it fails. */
export const runOn = async (
  lab: Pick<Lab, 'forward'>,
  address: string,
  { path }: KeyPair,
  command: string,
): Promise<string> => {
  const port = await lab.forward(address, 22)
  const options = [
    ...['-i', path, '-p', String(port), '-o', 'BatchMode=yes', '-o', 'ConnectTimeout=60'],
    ...['-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null', '-o', 'LogLevel=ERROR'],
    // The time that measuring takes passes in silence.
    ...['-o', 'ServerAliveInterval=15', '-o', 'ServerAliveCountMax=20'],
  ]
  const { stdout } = await quiet`ssh ${options} ops@127.0.0.1 ${command}`
  return stdout
}

/** As `runOn`, again and again until the node lets people in. Throws the last fault when the time, in milliseconds, is over. */
export const runOnceUp = async (
  lab: Pick<Lab, 'forward'>,
  address: string,
  keys: KeyPair,
  command: string,
  timeoutMs = 600_000,
): Promise<string> => {
  for (const end = performance.now() + timeoutMs; ; ) {
    try {
      return await runOn(lab, address, keys, command)
    } catch (error) {
      if (performance.now() > end) throw error
      await sleep(5000)
    }
  }
}
