/** What the checks ask of the machine. Under another root the files there answer instead. */

import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, statfsSync, writeFileSync } from 'node:fs'
import { release } from 'node:os'
import { delimiter, join } from 'node:path'
import { readIfPresent } from '../files.ts'
import { log, messageOf } from '../log.ts'
import { machinePath, ownsMachine } from '../root.ts'

/** Numbers of `statfs(2)`. */
const FILE_SYSTEMS: Readonly<Record<number, string>> = {
  2035054128: 'overlayfs',
  16914836: 'tmpfs',
  26985: 'nfs',
}

/** Kind of the file system that holds a folder, where it matters; else empty. */
export function fileSystemOf(folder: string): string {
  if (!ownsMachine()) return readIfPresent(machinePath('/stand-in/file-system'))?.trim() ?? ''
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  return FILE_SYSTEMS[statfsSync(folder).type] ?? ''
}

/** Loads a module as k3s does: never fatal by itself. */
export function loadModule(name: string): void {
  if (hasModule(name) || !ownsMachine()) return
  const { status } = spawnSync('modprobe', ['--', name], { stdio: 'ignore' })
  if (status !== 0) log.warn(`Failed to load kernel module ${name} with modprobe`)
}

/** True when the module is loaded or part of the kernel. Parts without parameters have no folder in /sys. */
export function hasModule(name: string): boolean {
  if (existsSync(machinePath(`/sys/module/${name}`))) return true
  const builtin = readIfPresent(machinePath(`/lib/modules/${release()}/modules.builtin`)) ?? ''
  return builtin.split('\n').some((line) => line.replace(/^.*\//, '').replaceAll('-', '_') === `${name}.ko`)
}

/** As kube-proxy does by iptables; a chain that is there already stays. */
export function addPacketChain(table: string, chain: string): void {
  if (!ownsMachine()) return
  const { status } = spawnSync('iptables', ['-w', '-t', table, '-N', chain], { stdio: 'ignore' })
  if (status !== 0) log.warn(`no new chain ${chain} in the table ${table}`)
}

export function readSysctl(name: string): string | null {
  return readIfPresent(machinePath(`/proc/sys/${name}`))?.trim() ?? null
}

export function writeSysctl(name: string, value: string): void {
  if (!ownsMachine() || readSysctl(name) === value) return
  log.info(`Set sysctl '${name}' to ${value}`)
  try {
    writeFileSync(`/proc/sys/${name}`, value)
  } catch (error) {
    log.error(`Failed to set sysctl: ${messageOf(error)}`)
  }
}

export function isInPath(program: string): boolean {
  const folders = [
    ...(process.env['PATH'] ?? '').split(delimiter),
    machinePath('/sbin'),
    machinePath('/usr/sbin'),
  ]
  return folders.some((folder) => folder !== '' && existsSync(join(folder, program)))
}
