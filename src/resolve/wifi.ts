import { pathText } from '../diagnostics/yaml/yaml-tree.ts'
import type { EffectiveNode } from '../profile/effective-node.ts'
import type { ResolvedWifi } from './resolved-profile.ts'
import { profileSecret } from './secret-source.ts'

/** Only after validation, which has seen that nothing is missing. */
export const resolveWifi = (node: EffectiveNode): ResolvedWifi | null => {
  const { wifi } = node.network
  if (wifi === undefined) return null
  const { ssid, psk, country, hidden = false } = wifi
  if (ssid === undefined || psk === undefined || country === undefined)
    throw new Error(`the wireless network of ${node.name} passed validation and is not whole`)
  const at = pathText(node.origin(['network', 'wifi', 'psk']))
  return { ssid, psk: profileSecret(at, psk), country, hidden }
}
