import { request } from 'node:https'
import type { NodeObject } from '../../src/proof/evidence.ts'
import type { Kubeconfig } from '../../src/proof/kubeconfig.ts'

/** One call about nodes through a forwarded port, with the administrator's kubeconfig. */
const call = (kubeconfig: Kubeconfig, localPort: number, method: string, path: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const { host, ca, clientCertificate, clientKey } = kubeconfig
    const outgoing = request(
      {
        host: '127.0.0.1',
        port: localPort,
        method,
        path,
        ca,
        cert: clientCertificate,
        key: clientKey,
        servername: '',
        // The endpoint of the kubeconfig is in the certificate of every server.
        checkServerIdentity: () => undefined,
        headers: { host, accept: 'application/json' },
        agent: false,
        signal: AbortSignal.timeout(60_000),
      },
      (incoming) => {
        let body = ''
        incoming.setEncoding('utf8')
        incoming.on('data', (chunk: string) => {
          body += chunk
        })
        incoming.on('error', reject)
        incoming.on('end', () => {
          if (incoming.statusCode === 200) resolve(body)
          else reject(new Error(`${method} ${path}: ${incoming.statusCode} ${body.slice(0, 200)}`))
        })
      },
    )
    outgoing.on('error', reject)
    outgoing.end()
  })

export const listNodes = async (kubeconfig: Kubeconfig, localPort: number): Promise<readonly NodeObject[]> =>
  (JSON.parse(await call(kubeconfig, localPort, 'GET', '/api/v1/nodes')) as { items: NodeObject[] }).items

/** As `kubectl delete node`. */
export const deleteNode = async (kubeconfig: Kubeconfig, localPort: number, name: string): Promise<void> => {
  await call(kubeconfig, localPort, 'DELETE', `/api/v1/nodes/${name}`)
}

/** Names of the nodes that have a condition, sorted. */
export const namesWith = (nodes: readonly NodeObject[], condition: string): readonly string[] =>
  nodes
    .filter(({ status }) =>
      status?.conditions?.some(({ type, status: value }) => type === condition && value === 'True'),
    )
    .map(({ metadata }) => metadata?.name ?? '')
    .toSorted()
