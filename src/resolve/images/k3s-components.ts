/** Images of k3s's own list by the last part of their names, and the component that runs each (k3s/manifests, 1.21 to 1.34). */
const componentOf: Readonly<Record<string, string>> = {
  'coredns-coredns': 'coredns',
  'klipper-lb': 'servicelb',
  'local-path-provisioner': 'local-storage',
  busybox: 'local-storage',
  'metrics-server': 'metrics-server',
  traefik: 'traefik',
}

/** `docker.io/rancher/mirrored-library-traefik:3.3.6` -> `traefik`. */
const partOf = (image: string): string =>
  (/([^/:@]+)(?:[:@].*)?$/.exec(image)?.[1] ?? '').replace(/^mirrored-/, '').replace(/^library-/, '')

export interface K3sSettings {
  readonly disable: readonly string[]
  /** Whether anything beside k3s's own Traefik is installed by the Helm controller. */
  readonly hasCharts: boolean
  readonly helmController: boolean
}

/** Who asks for an image of k3s's own list; undefined where the component is disabled. Unknown ones are taken as needed. */
export const k3sAsker = (
  image: string,
  { disable, hasCharts, helmController }: K3sSettings,
): string | undefined => {
  const part = partOf(image)
  if (part === 'klipper-helm') {
    if (!helmController || !(hasCharts || !disable.includes('traefik'))) return undefined
    return hasCharts ? 'charts' : 'k3s, traefik'
  }
  const component = componentOf[part]
  if (component === undefined) return 'k3s'
  const isOff = disable.includes(component) || (component === 'traefik' && !helmController)
  return isOff ? undefined : `k3s, ${component}`
}
