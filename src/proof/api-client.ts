import { createHash } from 'node:crypto'
import { request } from 'node:https'
import { isIP } from 'node:net'
import { checkServerIdentity } from 'node:tls'
import type { AddOnObject, ApiEvidence, ChartObject, NodeObject, WorkloadEvidence } from './evidence.ts'
import type { Kubeconfig } from './kubeconfig.ts'

interface Answer {
  readonly status: number
  readonly body: string
}

/** Of one answer: an emulated board takes a quarter of a minute for a TLS handshake while it is busy. */
const timeoutMs = 30_000

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

interface AnyObject {
  readonly metadata?: { readonly name?: string }
  readonly spec?: { readonly checksum?: string; readonly chartContent?: string }
  readonly status?: {
    readonly conditions?: readonly {
      readonly type: string
      readonly status: string
      readonly message?: string
    }[]
  }
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

const addOnOf = ({ metadata, spec }: AnyObject): AddOnObject => ({
  name: metadata?.name ?? '',
  checksum: spec?.checksum ?? '',
})

/** Its values may hold secrets and stay where they are. Conditions of a HelmChart: k3s-io/helm-controller, pkg/apis/helm.cattle.io/v1. */
export const chartOf = ({ metadata, spec, status }: AnyObject): ChartObject => {
  const content = spec?.chartContent ?? ''
  const failure = status?.conditions?.find(({ type, status: value }) => type === 'Failed' && value === 'True')
  return {
    name: metadata?.name ?? '',
    sha256: content === '' ? null : sha256(Buffer.from(content, 'base64')),
    failed: failure === undefined ? null : (failure.message ?? 'no reason given'),
  }
}

/** What k3s deploys, and charts among it; none where the cluster does not know the kind. Undefined without an answer. */
export const askWorkloads = async (
  kubeconfig: Kubeconfig,
  localPort: number,
): Promise<WorkloadEvidence | undefined> => {
  const list = async (group: string, plural: string): Promise<readonly AnyObject[]> => {
    const path = `/apis/${group}/v1/namespaces/kube-system/${plural}`
    const { status, body } = await get(kubeconfig, localPort, path, true)
    return status === 200 ? ((JSON.parse(body) as { readonly items?: readonly AnyObject[] }).items ?? []) : []
  }
  try {
    return {
      addOns: (await list('k3s.cattle.io', 'addons')).map(addOnOf),
      charts: (await list('helm.cattle.io', 'helmcharts')).map(chartOf),
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
