import type { CodeEntry } from './entry.ts'

/** R173x: a node's radio and watchdog. */
export const wifiRuleCodes = {
  R1730: {
    title: 'wireless network that is not fully told',
    explanation:
      'A node joins a wireless network by its name (`ssid`), its passphrase (`psk`, a reference) and the `country` whose radio rules apply. `defaults.network.wifi` and the node may each say a part. The country is set before the radio looks for its network: a radio that does not know where it is follows the rules that hold everywhere, which allow few channels and little power, and the network may be on another one.',
  },
  R1731: {
    title: 'name of a wireless network that is too long',
    explanation:
      'The name of a wireless network is at most 32 bytes (IEEE 802.11), which are 32 letters of ASCII, 16 with an accent, or 8 emoji. Every byte counts: write it as the access point does.',
  },
  R1732: {
    title: 'country without radio rules',
    explanation:
      '`country` is a code of ISO 3166 that the regulatory database of the kernel (wireless-regdb) knows: GB and not UK, GR and not EL. The kernel takes an unknown one without a word and goes on with the rules that hold everywhere.',
  },
  R1735: {
    title: 'watchdog out of bounds',
    explanation:
      '`watchdog` says after how long without a sign of life the hardware starts the board anew; systemd gives one twice in that time. Under 10 seconds a slow card is taken for a dead system, over 15 minutes nobody has waited. `30s` suits most; `false` leaves the watchdog alone.',
  },
} as const satisfies Record<string, CodeEntry>

/** B123x: wireless networks, when secrets are read. */
export const wifiBuildCodes = {
  B1230: {
    title: 'passphrase that no wireless network can have',
    explanation:
      'The passphrase of a WPA2 or WPA3 network is 8 to 63 characters of ASCII, from space to `~` (IEEE 802.11i, annex H.4); the key that is made from it, which may stand in its place, is 64 hexadecimal digits and works with WPA2 alone. The value that `psk` leads to is neither: it is shorter or longer, or has other characters, perhaps a newline within. The value itself is never shown.',
  },
} as const satisfies Record<string, CodeEntry>
