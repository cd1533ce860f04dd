import { expect, test } from 'vitest'
import { radioManagerOf } from './radio-manager.ts'

const started = '/etc/systemd/system/multi-user.target.wants'
const managerWith = (programs: readonly string[], units: readonly string[] = []) =>
  radioManagerOf({
    list: async (folder) => (folder === '/usr/sbin' ? programs : folder === started ? units : []),
  })

test('NetworkManager where it runs, whatever else is there', async () => {
  const programs = ['wpa_supplicant', 'NetworkManager', 'nmcli', 'netplan']
  expect(await managerWith(programs, ['NetworkManager.service', 'systemd-networkd.service'])).toBe(
    'network-manager',
  )
  expect(await managerWith(programs, [])).toBe('networkd')
})

test('networkd where netplan or the base itself starts it', async () => {
  expect(await managerWith(['wpa_supplicant', 'netplan'])).toBe('networkd')
  expect(await managerWith(['wpa_supplicant'], ['systemd-networkd.service'])).toBe('networkd')
  expect(await managerWith(['wpa_supplicant'], ['networking.service'])).toBeUndefined()
})

test('nothing without the program that talks to access points', async () => {
  expect(
    await managerWith(['NetworkManager', 'nmcli', 'netplan'], ['NetworkManager.service']),
  ).toBeUndefined()
})
