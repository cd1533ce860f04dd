/** What the program says it is: the k3s release it takes the place of, in k3s's own form, and that it is a stand-in. */

export const K3S_VERSION = 'v1.33.1+k3s1'
export const CONTAINERD_VERSION = '2.0.5-k3s1.32'

export function versionText(program: string): string {
  return (
    `${program} version ${K3S_VERSION} (stand-in: not Kubernetes, for tests only)\n` +
    `node version ${process.version}\n`
  )
}
