import type { StateDocument } from '../state-file.ts'

/** A document of the right shape without a usable key, for tests that only store it. `size`: bootstrap tokens. */
export const paperState = (created: string, size: number): StateDocument => {
  const pair = { crt: 'not a certificate\n', key: `not a key of ${created}\n` }
  return {
    stateVersion: 1,
    cluster: 'lab',
    created,
    pki: {
      form: 'self-signed',
      root: null,
      intermediate: null,
      authorities: {
        'server-ca': pair,
        'client-ca': pair,
        'request-header-ca': pair,
        'etcd/server-ca': pair,
        'etcd/peer-ca': pair,
      },
      serviceKey: 'not a key either\n',
    },
    tokens: { server: '0'.repeat(32), agent: '1'.repeat(32) },
    bootstrapTokens: Array.from({ length: size }, (_, index) => ({
      node: `node-${index}`,
      id: index.toString(36).padStart(6, '0'),
      secret: `${created.length}${index}`.padStart(16, 'x'),
      expires: created,
    })),
    clusterSecret: 'ab'.repeat(32),
    clients: [],
  }
}

/** The two that a killed writer takes turns with: of different length, so that a mixture cannot pass for one. */
export const versions = [
  paperState('2026-01-01T00:00:00.000Z', 400),
  paperState('2026-02-02T00:00:00.000Z', 900),
] as const
