import { request } from 'node:https'
import { isIP } from 'node:net'
import { checkServerIdentity } from 'node:tls'
import type { AddOnObject, ApiEvidence, ChartObject, NodeObject, WorkloadEvidence } from './evidence.ts'
import type { Kubeconfig } from './kubeconfig.ts'

interface Answer {
  readonly status: number
  readonly body: string
}

const timeoutMs = 10_000

/** One GET through a forwarded port. The certificate must be good for the name in the kubeconfig, not for 127.0.0.1. */
const get = (
  kubeconfig: Kubeconfig,
  localPort: number,
  path: string,
  withCertificate: boolean,
): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const { host, port, ca, clientCertificate, clientKey } = kubeconfig
    const outgoing = request(
      {
        host: '127.0.0.1',
        port: localPort,
        path,
        ca,
        ...(withCertificate ? { cert: clientCertificate, key: clientKey } : {}),
        ...(isIP(host) === 0 ? { servername: host } : { servername: '' }),
        checkServerIdentity: (_name, certificate) => checkServerIdentity(host, certificate),
        headers: { host: `${host}:${port}`, accept: 'application/json' },
        // A connection of its own each time: the server of one boot is not that of the next.
        agent: false,
        signal: AbortSignal.timeout(timeoutMs),
      },
      (incoming) => {
        let body = ''
        incoming.setEncoding('utf8')
        incoming.on('data', (chunk: string) => {
          body += chunk
        })
        incoming.on('end', () => resolve({ status: incoming.statusCode ?? 0, body }))
        incoming.on('error', reject)
      },
    )
    outgoing.on('error', reject)
    outgoing.end()
  })

const reason = (error: unknown): string => (error instanceof Error ? error.message : String(error))

const parseNode = (body: string): NodeObject | undefined => {
  try {
    return JSON.parse(body) as NodeObject
  } catch {
    return undefined
  }
}

/** Objects of a kind in `kube-system`; none where the cluster does not have that kind. */
const listObjects = async <T>(
  kubeconfig: Kubeconfig,
  localPort: number,
  kind: string,
): Promise<readonly T[]> => {
  const [group = '', plural = ''] = kind.split(' ')
  const path = `/apis/${group}/v1/namespaces/kube-system/${plural}`
  const { status, body } = await get(kubeconfig, localPort, path, true)
  return status === 200 ? ((JSON.parse(body) as { readonly items?: readonly T[] }).items ?? []) : []
}

/** What k3s deploys, and charts among it. Undefined when the API does not answer. */
export const askWorkloads = async (
  kubeconfig: Kubeconfig,
  localPort: number,
): Promise<WorkloadEvidence | undefined> => {
  try {
    return {
      addOns: await listObjects<AddOnObject>(kubeconfig, localPort, 'k3s.cattle.io addons'),
      charts: await listObjects<ChartObject>(kubeconfig, localPort, 'helm.cattle.io helmcharts'),
    }
  } catch {
    return undefined
  }
}

/** Asks the API for its ping and for one node. Never throws: no answer is evidence too. */
export const askApi = async (
  kubeconfig: Kubeconfig,
  localPort: number,
  nodeName: string,
): Promise<ApiEvidence> => {
  let ping = ''
  try {
    const answer = await get(kubeconfig, localPort, '/ping', false)
    ping = answer.status === 200 ? answer.body.trim() : `HTTP ${answer.status}`
    const node = await get(kubeconfig, localPort, `/api/v1/nodes/${encodeURIComponent(nodeName)}`, true)
    return {
      ping,
      nodeStatus: node.status,
      node: node.status === 200 ? parseNode(node.body) : undefined,
      error: null,
    }
  } catch (error) {
    return {
      ping: ping === '' ? reason(error) : ping,
      nodeStatus: null,
      node: undefined,
      error: reason(error),
    }
  }
}
