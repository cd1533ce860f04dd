import type { CodeEntry } from './entry.ts'

/** R14: `cluster.k3s.hardening` and what goes with it. */
export const hardeningRuleCodes = {
  R1400: {
    title: 'pod security without hardening',
    explanation:
      '`podSecurity` is a part of `hardening: cis` and does nothing without it. Ask for the hardening, or remove `podSecurity`.',
  },
  R1402: {
    title: 'pod security standard that the release does not have',
    explanation:
      'Before v1.23 k3s has PodSecurityPolicies and not the Pod Security Standards: the policy of the guide is the restricted one, and namespaces may be exempt. `baseline` and `privileged` need v1.23 or newer.',
  },
  R1410: {
    title: 'setting that undoes the hardening',
    explanation:
      "`hardening: cis` sets this, or relies on what k3s sets by itself, and the profile's own setting takes it away again: the image would not be what it says. Remove the setting, or the hardening. Lists such as `enable-admission-plugins` need not be repeated: yours are added to those of the hardening.",
  },
  R1411: {
    title: 'setting that falls short of the benchmark',
    explanation:
      "The profile's own setting is used, and it is weaker than a control of the CIS benchmark asks for, which an audit will find. Sometimes that is the price of something else, such as metrics that are read from outside.",
  },
  R1412: {
    title: 'network policies that nobody enforces',
    explanation:
      '`hardening: cis` brings network policies, and `disable-network-policy` switches off the controller of k3s that enforces them. With a network plugin of your own that enforces them this is right; else every pod may talk to every other.',
  },
  R1413: {
    title: 'SELinux without a policy',
    explanation:
      'k3s starts containers under SELinux only where the system has a policy for it (the package `k3s-selinux` with `container-selinux`, for Fedora, RHEL, SLE Micro and the like). Debian has none; there AppArmor confines containers, by itself. Remove `selinux`, or use a base whose recipe in `images/bases/` says `selinux: true`.',
  },
} as const satisfies Record<string, CodeEntry>
