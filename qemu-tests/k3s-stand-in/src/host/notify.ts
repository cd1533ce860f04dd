/**
 * Tells systemd that the service is ready. Node cannot open a datagram socket, so `systemd-notify` does it; run by root it
 * sends in the name of its parent, which is the service's main process, so `NotifyAccess=main` is enough.
 */

import { execFile } from 'node:child_process'
import { log } from '../log.ts'

export function notifyReady(socket: string): Promise<void> {
  if (socket === '') return Promise.resolve()
  return new Promise((resolve) => {
    execFile('systemd-notify', ['--ready'], { env: { ...process.env, NOTIFY_SOCKET: socket } }, (error) => {
      if (error !== null) log.error(`systemd-notify failed: ${error.message}`)
      resolve()
    })
  })
}
