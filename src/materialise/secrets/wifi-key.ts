import { Buffer } from 'node:buffer'
import { pbkdf2Sync } from 'node:crypto'

/** IEEE 802.11i, annex H.4: 8 to 63 characters from space to `~`. */
const passphrase = /^[ -~]{8,63}$/
/** What is made from passphrase and name of the network. */
const rawKey = /^[0-9A-Fa-f]{64}$/

/** IEEE 802.11i, annex H.4.1: PBKDF2 with HMAC-SHA1, 4096 rounds, 256 bits. */
const keyOf = (text: string, ssid: string): string =>
  pbkdf2Sync(text, Buffer.from(ssid, 'utf8'), 4096, 32, 'sha1').toString('hex')

/**
 * The lines of wpa_supplicant.conf(5) that a passphrase or key takes; undefined when the text is neither. WPA2 gets the key,
 * WPA3 (SAE), which knows passphrases alone, the passphrase, both in hexadecimal digits: in quotes a passphrase with a quote
 * and a `#` behind it would be cut off as if a comment began there (wpa_supplicant, config_file.c, wpa_config_get_line).
 */
export const wifiKeyLines = (text: string, ssid: string): string | undefined => {
  if (rawKey.test(text)) return `\tkey_mgmt=WPA-PSK WPA-PSK-SHA256\n\tpsk=${text}\n`
  if (!passphrase.test(text)) return undefined
  const password = Buffer.from(text, 'ascii').toString('hex')
  return `\tkey_mgmt=WPA-PSK WPA-PSK-SHA256 SAE\n\tpsk=${keyOf(text, ssid)}\n\tsae_password=${password}\n`
}

/**
 * The line of a keyfile of NetworkManager (nm-settings-keyfile(5)); undefined when the text is neither. NetworkManager asks for
 * WPA2 and WPA3 with it. A keyfile is one of GLib's: a backslash begins an escape, and a space at the beginning would be lost
 * (docs.gtk.org/glib/struct.KeyFile).
 */
export const wifiKeyfileLine = (text: string): string | undefined =>
  rawKey.test(text) || passphrase.test(text)
    ? `psk=${text.replaceAll('\\', '\\\\').replaceAll(' ', '\\s')}\n`
    : undefined
