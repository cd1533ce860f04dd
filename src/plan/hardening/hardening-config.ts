import type { K3sConfigPart } from '../k3s-config.ts'

/** Before the user's settings: those that would undo it were refused, others count. */
export const hardeningPart: K3sConfigPart = ({ cluster: { hardening } }, { role }) => {
  if (hardening === null) return {}
  const { everywhere, servers } = hardening.config
  return role === 'server' ? { ...everywhere, ...servers } : everywhere
}
