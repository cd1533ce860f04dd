/** `k3s server`: certificates, datastore, listener, and the node itself. */

import { chmodSync, existsSync, lstatSync, mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { isIP } from 'node:net'
import { dirname, join } from 'node:path'
import { runAgent } from '../agent/agent.ts'
import { readSecret } from '../cli/secret-file.ts'
import type { Settings } from '../cli/settings.ts'
import { checkComponentArguments, SERVER_COMPONENTS } from '../component-arguments.ts'
import { readIfPresent, writeFileAtomic } from '../files.ts'
import { announce } from '../host/announce.ts'
import { checkClock } from '../host/checks.ts'
import { nodeIdentity } from '../host/network.ts'
import { notifyReady } from '../host/notify.ts'
import { kubeconfigData } from '../kubeconfig.ts'
import { log, withMessage } from '../log.ts'
import { machinePath } from '../root.ts'
import { formatToken, normalizeToken } from '../token.ts'
import { checkApiArguments, openAudit } from './api-arguments.ts'
import { reconcileBootstrapData, saveBootstrapData } from './bootstrap-data.ts'
import { clusterConfig } from './cluster-config.ts'
import type { ServerContext } from './context.ts'
import { openDatastore } from './datastore.ts'
import { startListener } from './listener.ts'
import { watchManifests } from './manifests.ts'
import { NodeMonitor } from './node-monitor.ts'
import { NodePasswords } from './node-passwords.ts'
import { Pki } from './pki.ts'
import { State } from './state.ts'
import { ensureUsers } from './users.ts'

export async function runServer(settings: Settings): Promise<void> {
  checkClock()
  refuseUnsupported(settings)
  const agentToken = await readSecret(settings, 'agent-token')
  const token = await readSecret(settings, 'token')
  const identity = nodeIdentity(settings.text('node-name'), settings.list('node-ip'))
  const config = clusterConfig(settings, identity)
  announce('server')
  const notifySocket = process.env['NOTIFY_SOCKET'] ?? ''
  delete process.env['NOTIFY_SOCKET']

  for (const component of SERVER_COMPONENTS)
    checkComponentArguments(component, settings.list(`${component}-arg`))
  const apiArguments = settings.list('kube-apiserver-arg')
  try {
    checkApiArguments(apiArguments)
  } catch (error) {
    throw withMessage(error, 'apiserver exited')
  }
  const directory = join(settings.dataDirectory, 'server')
  mkdirSync(join(directory, 'static'), { recursive: true, mode: 0o700 })
  const port = settings.port('https-listen-port', 6443)
  const apiAddress = apiAddressOf(identity.addresses, port)
  const known = readIfPresent(join(directory, 'token'))?.trim() ?? ''
  const given = token === '' ? known : token
  const password = given === '' ? '' : normalizeToken(given)
  const { store, beats, etcd, start } = await openDatastore(
    settings,
    { directory, node: identity.name, address: identity.addresses[0] ?? '', api: apiAddress },
    { token, agentToken, config: config.published },
    password,
  )
  const state = new State(store)
  if (state.bootstrap !== null) reconcileBootstrapData(state, directory, password)
  const users = ensureUsers(directory, token, agentToken)
  const pki = new Pki({ directory, port, clusterDomain: config.clusterDomain, names: config.names })
  pki.ensure()
  const context: ServerContext = {
    directory,
    port,
    apiAddress,
    pki,
    users,
    state,
    nodePasswords: new NodePasswords(state),
    etcd,
    monitor: new NodeMonitor((node) => beats?.beat(node)),
    config: config.published,
    ownNode: identity.name,
    audit: openAudit(apiArguments),
    ready: false,
  }
  if (beats !== null) beats.onBeat = (node) => context.monitor.hear(node)
  await startListener(context, config.listenerNames, settings.text('bind-address'))
  await start(pki.tls)
  await saveBootstrapData(state, directory, users.server)
  writeTokens(context, agentToken !== '')
  writeKubeconfig(context, settings)
  await watchManifests(join(directory, 'manifests'), settings.list('disable', true), state)
  context.ready = true
  log.info('Kube API server is now running')

  const ca = readFileSync(join(pki.tls, 'server-ca.crt'))
  await runAgent(settings, {
    serverUrl: `https://127.0.0.1:${port}`,
    token: formatToken(`node:${users.node}`, ca),
    loadBalancer: false,
    isServer: true,
    etcdMember: etcd?.name ?? null,
  })
  log.info('k3s is up and running')
  await notifyReady(notifySocket)
}

/** Options that need parts of k3s that the stand-in does not have. */
function refuseUnsupported(settings: Settings): void {
  for (const name of ['cluster-reset', 'disable-apiserver', 'disable-agent', 'disable-etcd', 'docker']) {
    if (settings.isSet(name))
      throw new Error(`the stand-in for k3s does not support ${name}; use a real release`)
  }
}

function apiAddressOf([address = '127.0.0.1']: readonly string[], port: number): string {
  return isIP(address) === 6 ? `[${address}]:${port}` : `${address}:${port}`
}

function writeTokens({ directory, pki, users, port }: ServerContext, separateAgentToken: boolean): void {
  const ca = readFileSync(join(pki.tls, 'server-ca.crt'))
  const path = join(directory, 'token')
  const write = (file: string, credentials: string): void => {
    const text = `${formatToken(credentials, ca)}\n`
    if (readIfPresent(file) !== text) writeFileAtomic(file, text, 0o600)
  }
  write(path, `server:${users.server}`)
  link(path, join(directory, 'node-token'))
  log.info(`Server node token is available at ${path}`)
  log.info(`To join server node to cluster: k3s server -s https://127.0.0.1:${port} -t \${SERVER_NODE_TOKEN}`)
  const agentPath = join(directory, 'agent-token')
  if (separateAgentToken) {
    if (existsSync(agentPath) && lstatSync(agentPath).isSymbolicLink()) rmSync(agentPath)
    write(agentPath, `node:${users.node}`)
  } else link(path, agentPath)
  log.info(`Agent node token is available at ${agentPath}`)
  log.info(`To join agent node to cluster: k3s agent -s https://127.0.0.1:${port} -t \${AGENT_NODE_TOKEN}`)
}

function link(target: string, path: string): void {
  const found = lstatSync(path, { throwIfNoEntry: false })
  if (found?.isSymbolicLink() === true) return
  rmSync(path, { force: true, recursive: true })
  symlinkSync(target, path)
}

/** Written anew at each start; under another name, the usual one is a link to it. */
function writeKubeconfig({ pki, port }: ServerContext, settings: Settings): void {
  const usual = machinePath('/etc/rancher/k3s/k3s.yaml')
  const path = settings.text('write-kubeconfig', usual)
  if (lstatSync(usual, { throwIfNoEntry: false })?.isSymbolicLink() === true) rmSync(usual)
  const text = kubeconfigData(`https://127.0.0.1:${port}`, {
    ca: join(pki.tls, 'server-ca.crt'),
    certificate: join(pki.tls, 'client-admin.crt'),
    key: join(pki.tls, 'client-admin.key'),
  })
  mkdirSync(dirname(usual), { recursive: true, mode: 0o755 })
  writeFileAtomic(path, text, 0o600)
  log.info(`Wrote kubeconfig ${path}`)
  const mode = settings.text('write-kubeconfig-mode', '600')
  if (/^[0-7]+$/.test(mode)) chmodSync(path, Number.parseInt(mode, 8))
  else log.error(`Failed to set ${path} to mode ${mode}: invalid syntax`)
  if (path !== usual) {
    rmSync(usual, { force: true })
    symlinkSync(path, usual)
  }
}
