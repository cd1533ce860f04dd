/** The node's side, in `k3s agent` and within `k3s server`: joins, imports images, registers. */

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { readSecret } from '../cli/secret-file.ts'
import type { Settings } from '../cli/settings.ts'
import { maskedArguments } from '../cli/settings.ts'
import { checkComponentArguments, NODE_COMPONENTS } from '../component-arguments.ts'
import { readIfPresent } from '../files.ts'
import { announce } from '../host/announce.ts'
import {
  checkClock,
  checkContainerRuntime,
  checkControlGroups,
  checkKernelDefaults,
  checkKubeProxy,
  checkLabels,
  checkNetwork,
  prepareKernel,
} from '../host/checks.ts'
import { nodeIdentity } from '../host/network.ts'
import { notifyReady } from '../host/notify.ts'
import { ImageDirectory } from '../images/directory.ts'
import { ImageStore } from '../images/store.ts'
import { log, messageOf, withMessage } from '../log.ts'
import type { Access } from './access.ts'
import { openAccess } from './access.ts'
import { fetchBody } from './client.ts'
import type { Joined, JoinRequest } from './join.ts'
import { joinCluster } from './join.ts'
import { LoadBalancer } from './load-balancer.ts'
import { Registration } from './registration.ts'
import { keepTunnel } from './tunnel.ts'

export interface AgentRequest {
  readonly serverUrl: string
  readonly token: string
  /** Only a node that is no server goes through its own load balancer. */
  readonly loadBalancer: boolean
  readonly isServer: boolean
  /** Name of the server's member of etcd; null without one. */
  readonly etcdMember: string | null
}

const VALIDATE_RETRY_MS = 2000
const CONFIG_RETRY_MS = 5000
const REGISTER_RETRY_MS = 1000
const SERVERS_MS = 30_000

/** `k3s agent`. */
export async function startAgent(settings: Settings): Promise<void> {
  checkClock()
  const token = await readSecret(settings, 'token')
  const certificate = readIfPresent(join(settings.dataDirectory, 'agent', 'client-kubelet.crt'))
  if (token === '' && certificate === null) throw new Error('--token is required')
  const serverUrl = settings.text('server')
  if (serverUrl === '') throw new Error('--server is required')
  announce('agent')
  const notifySocket = process.env['NOTIFY_SOCKET'] ?? ''
  delete process.env['NOTIFY_SOCKET']
  await runAgent(settings, { serverUrl, token, loadBalancer: true, isServer: false, etcdMember: null })
  log.info('k3s agent is up and running')
  await notifyReady(notifySocket)
}

/** Returns when the node is registered. Throws what ends k3s, and goes on trying where k3s does. */
export async function runAgent(settings: Settings, request: AgentRequest): Promise<void> {
  checkControlGroups()
  const dataDirectory = settings.dataDirectory
  mkdirSync(join(dataDirectory, 'agent'), { recursive: true, mode: 0o700 })
  const identity = nodeIdentity(settings.text('node-name'), settings.list('node-ip'))
  const port = settings.port('lb-server-port', 6444)
  const balancer = request.loadBalancer ? new LoadBalancer(dataDirectory, request.serverUrl) : null
  await balancer?.start(port)
  const url = balancer === null ? request.serverUrl : `https://127.0.0.1:${port}`
  const clientFiles = ['crt', 'key'].map((end) => join(dataDirectory, 'agent', `client-kubelet.${end}`))
  const open = (): Promise<Access> =>
    openAccess(url, request.token, [clientFiles[0] ?? '', clientFiles[1] ?? ''])

  await validated(open, request.serverUrl)
  const joined = await joinedCluster(open, {
    dataDirectory,
    nodeName: identity.name,
    withNodeId: settings.isSet('with-node-id'),
    addresses: identity.addresses,
    apiUrl: url,
  })
  balancer?.update(joined.servers)
  if (balancer !== null) followServers(balancer, dataDirectory, url)
  for (const component of NODE_COMPONENTS)
    checkComponentArguments(component, settings.list(`${component}-arg`))
  prepareKernel()
  const store = await startContainerRuntime(settings)
  const images = new ImageDirectory(dataDirectory, store, settings.list('airgap-extra-registry'))
  await images.importAll()
  keepTunnel(dataDirectory, url)
  startKubelet(settings)
  const registration = new Registration(
    dataDirectory,
    {
      name: joined.nodeName,
      addresses: identity.addresses,
      externalAddresses: settings.list('node-external-ip', true),
      labels: settings.list('node-label'),
      taints: settings.list('node-taint'),
      isServer: request.isServer,
      etcdMember: request.etcdMember,
      nodeArguments: maskedArguments(request.isServer ? 'server' : 'agent', settings),
    },
    store,
  )
  await registered(registration)
  registration.startHeartbeat()
  images.watch(() => void registration.register().catch((error: unknown) => log.error(messageOf(error))))
  startNetwork(settings, joined)
}

/** k3s watches the list of servers; here it is asked for. A node that joined through one server knows all of them soon. */
function followServers(balancer: LoadBalancer, dataDirectory: string, url: string): void {
  const agent = join(dataDirectory, 'agent')
  const read = (name: string): string => readIfPresent(join(agent, name)) ?? ''
  setInterval(() => {
    fetchBody(`${url}/v1-k3s/apiservers`, {
      ca: read('server-ca.crt'),
      certificate: read('client-kubelet.crt'),
      key: read('client-kubelet.key'),
    }).then(
      (body) => balancer.update(JSON.parse(body.toString()) as string[]),
      (error: unknown) => log.warn(`Failed to retrieve list of apiservers from server: ${messageOf(error)}`),
    )
  }, SERVERS_MS)
}

async function validated(open: () => Promise<Access>, serverUrl: string): Promise<void> {
  for (;;) {
    try {
      await open()
      return
    } catch (error) {
      log.error(`Failed to validate connection to cluster at ${serverUrl}: ${messageOf(error)}`)
    }
    await sleep(VALIDATE_RETRY_MS)
  }
}

async function joinedCluster(open: () => Promise<Access>, request: JoinRequest): Promise<Joined> {
  for (;;) {
    try {
      return await joinCluster(await open(), request)
    } catch (error) {
      log.info(`Waiting to retrieve agent configuration; server is not ready: ${messageOf(error)}`)
    }
    // Jitter keeps nodes that were switched on together from calling together.
    await sleep(CONFIG_RETRY_MS * (1 + Math.random()))
  }
}

async function registered(registration: Registration): Promise<void> {
  for (;;) {
    try {
      await registration.register()
      return
    } catch (error) {
      log.info(`Unable to register node with API server: ${messageOf(error)}`)
    }
    await sleep(REGISTER_RETRY_MS)
  }
}

async function startContainerRuntime(settings: Settings): Promise<ImageStore> {
  const folder = join(settings.dataDirectory, 'agent', 'containerd')
  try {
    checkContainerRuntime(folder, settings.text('snapshotter', 'overlayfs'))
  } catch (error) {
    throw withMessage(error, 'failed to start container runtime')
  }
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  return new ImageStore(settings.dataDirectory)
}

function startKubelet(settings: Settings): void {
  try {
    checkLabels(settings.list('node-label'))
    if (settings.isSet('protect-kernel-defaults')) checkKernelDefaults()
  } catch (error) {
    throw withMessage(error, 'kubelet exited')
  }
}

function startNetwork(settings: Settings, { config }: Joined): void {
  if (config['DisableKubeProxy'] !== true) {
    try {
      checkKubeProxy()
    } catch (error) {
      throw withMessage(error, 'kube-proxy exited')
    }
  }
  try {
    checkNetwork(String(config['FlannelBackend'] ?? 'vxlan'), settings.text('flannel-iface'))
  } catch (error) {
    throw withMessage(error, 'failed to start networking')
  }
}
