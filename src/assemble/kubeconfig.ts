import { Buffer } from 'node:buffer'
import { stringify } from 'yaml'
import { Secret } from '../materialise/secrets.ts'
import type { ClusterState } from '../materialise/state/state.ts'
import type { KubeconfigPlan } from '../plan/build-plan.ts'

const base64 = (content: string | Uint8Array): string => Buffer.from(content).toString('base64')

/** A kubeconfig: accepted as soon as the API server answers for the first time. */
export const makeKubeconfig = async (
  plan: KubeconfigPlan,
  cluster: string,
  state: ClusterState,
): Promise<Secret> => {
  const { crt, key } = await state.clientCertificate(plan, plan.lifetimeDays)
  const document = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': cluster,
    clusters: [
      {
        name: cluster,
        cluster: { server: plan.server, 'certificate-authority-data': base64(state.serverCa) },
      },
    ],
    users: [
      {
        name: `${plan.user}@${cluster}`,
        user: {
          'client-certificate-data': base64(crt.reveal()),
          'client-key-data': base64(key.reveal()),
        },
      },
    ],
    contexts: [{ name: cluster, context: { cluster, user: `${plan.user}@${cluster}` } }],
  }
  return new Secret(stringify(document, { lineWidth: 0 }), 'composed')
}
