import type { Diagnostic } from '../../diagnostics/diagnostic.ts'
import type { Path } from '../../diagnostics/yaml/yaml-tree.ts'
import { k3sArgs } from '../k3s-arg.ts'
import { k3sSettings } from '../k3s-settings.ts'
import type { Rule, RuleContext } from './context.ts'
import { faultAt } from './context.ts'

/** The package of Debian with the program that a setting makes k3s start. */
const packageOf = (name: string, value: unknown): string | undefined => {
  if (name === 'docker') return value === true ? 'docker.io' : undefined
  if (name === 'snapshotter') return value === 'fuse-overlayfs' ? 'fuse-overlayfs' : undefined
  // Names of containerd's runtimes that k3s finds by their programs (docs.k3s.io/advanced, "Alternative Container Runtime Support").
  return name === 'default-runtime' && value === 'crun' ? 'crun' : undefined
}

/** k3s ends at once without the program. A base image of the user's own may have it. */
export const programsOnTheImage: Rule = (context) => {
  const { base } = context.profile
  if (base?.image !== undefined || !context.isSound(['base', 'packages'])) return []
  return k3sSettings(context).flatMap(({ name, value, path }) => {
    const needed = packageOf(name, value)
    if (needed === undefined || base?.packages?.includes(needed) === true) return []
    return [
      faultAt(
        context,
        'R0334',
        path,
        `the package \`${needed}\`, which \`${name}\` needs, is not on the image`,
        {
          help: `add it: base: { packages: [${needed}] }, or remove this key: the containerd in k3s needs nothing`,
        },
      ),
    ]
  })
}

/** Flags of components and keys of k3s that name a file which must be there at the start. */
const fileFlags =
  /^((admission-control|authentication|authorization|audit-webhook|tracing|authentication-token-webhook|authorization-webhook)-config(-file)?|audit-policy-file|authorization-policy-file|token-auth-file|oidc-ca-file|requestheader-client-ca-file|config|kubelet-config|resolv-conf|flannel-conf|flannel-cni-conf)$/

/** What Debian, systemd and k3s itself have there. */
const known = [
  /^\/etc\/(resolv\.conf$|ssl\/|ca-certificates)/,
  /^\/usr\//,
  /^\/run\//,
  /^\/var\/lib\/rancher\/k3s\/(server\/tls|agent)\//,
]

const hardeningFiles = ['psa.yaml', 'audit.yaml'].map((name) => `/var/lib/rancher/k3s/server/${name}`)

/** The API server, the kubelet and flannel do not start without a file that they are told of. */
export const filesOnTheImage: Rule = (context) => {
  const { profile } = context
  // What these bring to the node is not known here.
  if (profile.base?.image !== undefined || (profile.userData?.length ?? 0) > 0) return []
  const isHardened = profile.cluster.k3s.hardening === 'cis'
  const isThere = (name: string, file: string): boolean =>
    known.some((form) => form.test(file)) ||
    // Another file than that of the hardening is a fault of its own.
    (isHardened && /^(audit-policy-file|admission-control-config-file)$/.test(name))
  const faultOf = (name: string, file: unknown, path: Path): readonly Diagnostic[] =>
    typeof file !== 'string' || !file.startsWith('/') || !fileFlags.test(name) || isThere(name, file)
      ? []
      : [missing(context, path, name, file)]
  return k3sSettings(context).flatMap(({ name, value, path }) =>
    name.endsWith('-arg')
      ? k3sArgs({ value, path }).flatMap((arg) => faultOf(arg.name, arg.value, arg.path))
      : faultOf(name, value, path),
  )
}

const missing = (context: RuleContext, path: Path, name: string, file: string): Diagnostic =>
  faultAt(context, 'R0335', path, `nothing in the profile places the file ${file} on the node`, {
    severity: 'warning',
    help: hardeningFiles.includes(file)
      ? '`hardening: cis` brings it'
      : `\`${name}\` needs it when k3s starts: use a base with it, or remove this`,
  })
