import { EnvironmentFault } from '../../../diagnostics/fault.ts'
import type { Host } from '../../../host/host.ts'
import { newIdentity } from '../../../materialise/state/create-state.ts'
import { readTls, readToken } from '../../../materialise/state/import-tls.ts'
import { checkSameCluster, clusterFingerprint } from '../../../materialise/state/known-cluster.ts'
import type { StateDocument } from '../../../materialise/state/state-file.ts'
import { hasState } from '../../../materialise/state/state-store.ts'
import { knownCluster } from '../../cluster-state.ts'
import { exitCodes } from '../../exit-codes.ts'
import type { PkiImportOptions } from '../../options.ts'
import type { PkiSession } from './session.ts'
import { replaceState, withSession } from './session.ts'

/** A cluster that k3s, or somebody by hand, has made: its keys are kept, the rest is new. */
const takeOver = async (
  host: Host,
  { plan }: PkiSession,
  folder: string,
  tokenFile: string,
  agentTokenFile: string | undefined,
): Promise<StateDocument> => {
  const pki = await readTls(host, folder)
  const server = await readToken(host, tokenFile, pki)
  const agent = agentTokenFile === undefined ? server : await readToken(host, agentTokenFile, pki)
  if (agentTokenFile === undefined)
    host.report.warn(
      'no --agent-token-file: agents join with the token of the servers, as k3s has it by default; a stolen agent can join as a server',
    )
  host.report.info(
    'a node that is built under the name of one that runs has another node password: kubectl delete node NAME before it starts',
  )
  return { ...newIdentity(host, plan.cluster), pki, tokens: { server, agent } }
}

const existing = (path: string): EnvironmentFault =>
  new EnvironmentFault(
    `there is a state already: ${path}`,
    'with --replace the import takes its place, and the old one is kept beside it',
    { code: 'L0110', at: ['cluster', 'name'] },
  )

/** Puts a state back, or takes over a cluster that runs. Never writes over a state without --replace. */
export const run = async (host: Host, options: PkiImportOptions): Promise<number> => {
  const { from, state, tokenFile, agentTokenFile, replace, terminal, format, profile } = options
  const usage = (text: string): number => {
    terminal.err(`error: ${text}\n`)
    return exitCodes.usage
  }
  if ((from === undefined) === (state === undefined))
    return usage(
      'say what to import: --from <dir> (server/tls of a cluster) or --state <file> (an exported state)',
    )
  if (from !== undefined && tokenFile === undefined)
    return usage(
      '--from needs --token-file <file>: server/token of the same server; nothing can join without it',
    )
  return withSession(host, options, { mayBeNew: true }, async (session) => {
    const { store, directory, loaded, plan } = session
    if (!replace && (await hasState(host, directory))) throw existing(store.path)
    const document =
      state === undefined
        ? await takeOver(host, session, from ?? '', tokenFile ?? '', agentTokenFile)
        : await store.readFrom(state)
    // A lock that knows the cluster knows which state is to be put back.
    if (!replace)
      checkSameCluster(
        document,
        state ?? from ?? '',
        await knownCluster(host, loaded.lock, plan.cluster, directory),
      )
    const kept = await replaceState(host, session, profile, document)
    const fingerprint = clusterFingerprint(document)
    if (format === 'json')
      terminal.out(`${JSON.stringify({ state: store.path, fingerprint, kept }, null, 2)}\n`)
    else {
      terminal.err(`${store.path}: written, fingerprint ${fingerprint}\n`)
      if (kept.length > 0) terminal.err(`the state before is kept in ${kept.join(', ')}\n`)
    }
    return exitCodes.ok
  })
}
