import type { Profile } from './schema.ts'

/** kube-vip of July 2025; the schema names it as the default of `cluster.vip.image`. */
const defaultImage = 'ghcr.io/kube-vip/kube-vip:v0.9.2'

/** The image that `cluster.vip` needs on every server, and where the profile asks for it. */
export const vipImage = ({
  cluster: { vip },
}: Profile): { readonly reference: string; readonly path: readonly string[] } | undefined =>
  vip === undefined
    ? undefined
    : {
        reference: vip.image ?? defaultImage,
        path: vip.image === undefined ? ['cluster', 'vip'] : ['cluster', 'vip', 'image'],
      }
