/** IEEE 802.11i, annex H.4: 8 to 63 characters from space to `~`. */
const passphrase = /^[ -~]{8,63}$/
/** What is made from passphrase and name of the network. */
const rawKey = /^[0-9A-Fa-f]{64}$/

/**
 * The lines of wpa_supplicant.conf(5) that a passphrase or key takes; undefined when the text is neither. In quotes a text
 * ends at the last quote of its line, so that nothing in it needs to be escaped. WPA3 (SAE) knows passphrases alone.
 */
export const wifiKeyLines = (text: string): string | undefined => {
  if (rawKey.test(text)) return `\tkey_mgmt=WPA-PSK WPA-PSK-SHA256\n\tpsk=${text}\n`
  return passphrase.test(text) ? `\tkey_mgmt=WPA-PSK WPA-PSK-SHA256 SAE\n\tpsk="${text}"\n` : undefined
}
