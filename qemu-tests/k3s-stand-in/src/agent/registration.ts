/** The kubelet's part: registers the node with its own certificate and says from time to time that it is there. */

import { join } from 'node:path'
import type { ImageStore } from '../images/store.ts'
import { readKubeconfig } from '../kubeconfig.ts'
import { log, messageOf } from '../log.ts'
import type { KubeObject } from '../server/state.ts'
import type { Answer } from './client.ts'
import { call } from './client.ts'
import type { NodeDescription } from './node-object.ts'
import { nodeObject } from './node-object.ts'

const HEARTBEAT_MS = 10_000

export class Registration {
  readonly #kubeconfig: string
  readonly #description: NodeDescription
  readonly #store: ImageStore

  constructor(dataDirectory: string, description: NodeDescription, store: ImageStore) {
    this.#kubeconfig = join(dataDirectory, 'agent', 'kubelet.kubeconfig')
    this.#description = description
    this.#store = store
  }

  /** Creates the node or brings it up to date. Throws while the API does not answer. */
  async register(): Promise<void> {
    const { name } = this.#description
    const found = await this.#call('GET', `/api/v1/nodes/${name}`)
    const old = found.status === 200 ? (JSON.parse(found.body.toString()) as KubeObject) : null
    if (old === null && found.status !== 404) throw new Error(statusMessage(found))
    const node = nodeObject(this.#description, this.#store, old)
    const answer = await (old === null
      ? this.#call('POST', '/api/v1/nodes', node)
      : this.#call('PUT', `/api/v1/nodes/${name}`, node))
    if (answer.status >= 300) throw new Error(statusMessage(answer))
    log.info(`Annotations and labels have been set successfully on node: ${name}`)
  }

  startHeartbeat(): void {
    const { name } = this.#description
    const lease = {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name, namespace: 'kube-node-lease' },
      spec: { holderIdentity: name, leaseDurationSeconds: 40 },
    }
    const path = `/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/${name}`
    setInterval(() => {
      this.#call('PUT', path, lease).then(
        (answer) => {
          if (answer.status >= 300) log.error(`Error updating node lease: ${statusMessage(answer)}`)
        },
        (error: unknown) => log.error(`Error updating node lease: ${messageOf(error)}`),
      )
    }, HEARTBEAT_MS)
  }

  #call(method: string, path: string, body?: object): Promise<Answer> {
    const { server, ...credentials } = readKubeconfig(this.#kubeconfig)
    return call(`${server}${path}`, {
      ...credentials,
      method,
      ...(body === undefined ? {} : { body: Buffer.from(JSON.stringify(body)) }),
    })
  }
}

function statusMessage({ status, body }: Answer): string {
  try {
    return (JSON.parse(body.toString()) as { message: string }).message
  } catch {
    return `the server answered ${status}`
  }
}
