import type { CommandLine, LockedBaseImage } from '../../resolve/base-image/locked-base-image.ts'
import type { ResolvedNode } from '../../resolve/resolved-profile.ts'
import type { InstallEntry } from '../build-plan.ts'
import { networkUnits } from '../network-files.ts'
import { radioConnection } from '../provisioning/network-manager.ts'
import type { ProvisionedKernelArguments } from '../provisioning/provisioning.ts'
import { textContent } from '../secret-text.ts'
import type { SeedPart } from '../seed-files.ts'

/** Beside the passphrase nothing of it is secret, and both lie in the seed: no document of the front end knows of a radio. */

/** Parameter of the kernel module cfg80211: the country whose radio rules apply (kernel, net/wireless/reg.c). */
const country = 'ieee80211_regdom'
const inCommandLine = `cfg80211.${country}=`

const commandLinesOf = ({ configuration }: LockedBaseImage): readonly CommandLine[] =>
  configuration.way === 'boot-files' ? configuration.commandLines : []

/**
 * The country, where the base has a command line of its own for it: Raspberry Pi OS looks for it there, and its radio has it
 * from the first start on (raspi-config, do_wifi_country).
 */
export const radioArguments = (
  image: LockedBaseImage,
  { wifi }: ResolvedNode,
): ProvisionedKernelArguments => {
  const commandLines = commandLinesOf(image)
  if (wifi === null || commandLines.length === 0) return { present: [], absent: [] }
  const own = `${inCommandLine}${wifi.country}`
  return {
    present: [own],
    absent: commandLines
      .flatMap(({ text }) => text.split(/\s+/))
      .filter((word) => word.startsWith(inCommandLine) && word !== own),
  }
}

const plain = (target: string, text: string): InstallEntry => ({
  target,
  mode: 0o644,
  content: { kind: 'text', text },
})

/**
 * What joins a wireless network on a base that was not made by us, beside what our own base has for it (wifi.ts), by the base's
 * own means. Not by netplan, although it knows radios: for networkd it wants their names, which only the node knows, and writes
 * name and passphrase between quotes as they are (netplan 1.1, networkd.c).
 */
export const planImageRadio: SeedPart = ({ base: { image } }, { wifi, interfaces }) => {
  const own = interfaces.find(({ match }) => match.kind === 'radio')
  if (image === null || wifi === null || own === undefined) return []
  if (image.radio !== 'network-manager') return networkUnits([own]).map(({ path, text }) => plain(path, text))
  return [
    {
      target: '/etc/NetworkManager/system-connections/appliance-radio.nmconnection',
      mode: 0o600,
      content: textContent(radioConnection(own, wifi)),
    },
    // NetworkManager has no word for it, and wpa_supplicant is told by NetworkManager alone.
    ...(commandLinesOf(image).length === 0
      ? [plain('/etc/modprobe.d/appliance-radio.conf', `options cfg80211 ${country}=${wifi.country}\n`)]
      : []),
  ]
}
