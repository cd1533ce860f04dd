import type { ResolvedNode } from '../resolve/resolved-profile.ts'
import type { TextPart } from './build-plan.ts'
import { textContent } from './secret-text.ts'
import type { SeedPart } from './seed-files.ts'

/** Read by appliance-wifi@.service, which runs only where the file is there. */
export const wifiFile = '/etc/wpa_supplicant/appliance.conf'

const hex = (text: string): string =>
  [...new TextEncoder().encode(text)].map((byte) => byte.toString(16).padStart(2, '0')).join('')

/**
 * wpa_supplicant.conf(5). The name in hexadecimal digits: whatever bytes it has, nothing needs to be quoted. The country comes
 * before any network is looked for. WPA2 (RSN) and WPA3, whichever the access point has; WPA of 2003 is no protection any
 * more. `sae_pwe=2`: access points of WPA3 want one of two ways to begin.
 */
export const planWifi: SeedPart = ({ base }, { wifi }) => {
  if (wifi === null || base.image?.radio === 'network-manager') return []
  const { ssid, psk, country, hidden } = wifi
  const parts: readonly TextPart[] = [
    `country=${country}\nsae_pwe=2\n\nnetwork={\n\tssid=${hex(ssid)}\n`,
    ...(hidden ? ['\tscan_ssid=1\n'] : []),
    '\tproto=RSN\n\tieee80211w=1\n',
    { secret: psk, as: 'wifi-key', ssid },
    '}\n',
  ]
  return [{ target: wifiFile, mode: 0o600, content: textContent(parts) }]
}

/**
 * What the launcher does about the radio. `cluster`: it is the interface of the cluster, by an address of its own. `spare`: it is
 * when no cable has an address, which only the node knows. Empty: a cable has, or there is no radio.
 */
export const radioUse = ({ wifi, interfaces, network }: ResolvedNode): 'cluster' | 'spare' | '' => {
  if (wifi === null) return ''
  if (interfaces.some(({ match, cluster }) => match.kind === 'radio' && cluster)) return 'cluster'
  return network.kind === 'dhcp' ? 'spare' : ''
}
