/** A machine of its own for a server or an agent: a folder with the files of `/etc`, `/proc` and `/sys` that k3s looks at. */

import type { ChildProcess } from 'node:child_process'
import { execFileSync, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { stringify } from 'yaml'

const DEFAULT_ROUTE =
  'Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\neth0\t00000000\t0100A8C0\t3\t0\t0\t0\t00000000\n'

export class Sandbox {
  readonly root: string
  readonly #binary: string
  readonly #started: { process: ChildProcess; ended: Promise<number | null> }[] = []
  output = ''

  constructor(binary: string) {
    this.#binary = binary
    this.root = mkdtempSync(join(tmpdir(), 'k3s-stand-in-'))
    this.write('/proc/net/route', DEFAULT_ROUTE)
    this.write('/sys/fs/cgroup/cgroup.controllers', 'cpuset cpu io memory pids\n')
    for (const module of ['overlay', 'br_netfilter', 'vxlan', 'nf_conntrack']) {
      mkdirSync(join(this.root, 'sys/module', module), { recursive: true })
    }
  }

  path(path: string): string {
    return join(this.root, path)
  }

  write(path: string, content: string | Buffer): void {
    mkdirSync(dirname(this.path(path)), { recursive: true })
    writeFileSync(this.path(path), content)
  }

  configure(config: object): void {
    this.write('/etc/rancher/k3s/config.yaml', stringify(config))
  }

  remove(path: string): void {
    rmSync(this.path(path), { recursive: true })
  }

  /** Starts `k3s server` or `k3s agent`; its log is in `output`. */
  start(command: 'server' | 'agent', environment: Readonly<Record<string, string>> = {}): void {
    this.output = ''
    const process = spawn(this.#binary, [command], {
      env: this.#environment(environment),
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const ended = new Promise<number | null>((resolve) => {
      process.once('close', (code) => resolve(code))
    })
    for (const stream of [process.stdout, process.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        this.output += chunk.toString()
      })
    }
    this.#started.push({ process, ended })
  }

  /** Waits for a line of the log. */
  async until(text: string, seconds = 60): Promise<void> {
    for (const end = Date.now() + seconds * 1000; Date.now() < end; await sleep(50)) {
      if (this.output.includes(text)) return
      if (this.#started.at(-1)?.process.exitCode !== null && !this.output.includes(text)) break
    }
    if (this.output.includes(text)) return
    throw new Error(`never said "${text}":\n${this.output}`)
  }

  /** Waits for the program's own end. */
  async end(): Promise<number | null> {
    return this.#started.at(-1)?.ended ?? null
  }

  async stop(): Promise<void> {
    for (const { process, ended } of this.#started) {
      if (process.exitCode === null && process.signalCode === null) process.kill('SIGTERM')
      await ended
    }
  }

  async discard(): Promise<void> {
    await this.stop()
    rmSync(this.root, { recursive: true, force: true })
  }

  /** Output of `k3s <arguments>` on this machine. */
  run(...commandLine: string[]): string {
    return execFileSync(this.#binary, commandLine, {
      env: this.#environment({}),
      encoding: 'utf8',
      stdio: 'pipe',
    })
  }

  #environment(extra: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
    return { PATH: process.env['PATH'], K3S_STAND_IN_ROOT: this.root, ...extra }
  }
}

export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  await new Promise((resolve) => {
    server.close(resolve)
  })
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}
