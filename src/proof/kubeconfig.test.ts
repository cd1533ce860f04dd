import { expect, test } from 'vitest'
import { stringify } from 'yaml'
import { parseKubeconfig } from './kubeconfig.ts'

const base64 = (text: string): string => Buffer.from(text).toString('base64')

const kubeconfig = (server: string) => ({
  clusters: [{ name: 'a', cluster: { server, 'certificate-authority-data': base64('CA') } }],
  users: [
    { name: 'b', user: { 'client-certificate-data': base64('CERT'), 'client-key-data': base64('KEY') } },
  ],
})

test.each([
  ['https://bakery.example.com:6443', 'bakery.example.com', 6443],
  ['https://[fd00::1]:7443', 'fd00::1', 7443],
  ['https://10.0.0.1', '10.0.0.1', 443],
])('reads %s', (server, host, port) => {
  expect(parseKubeconfig(stringify(kubeconfig(server)))).toEqual({
    host,
    port,
    ca: 'CA',
    clientCertificate: 'CERT',
    clientKey: 'KEY',
  })
})

test('says what is missing', () => {
  const { clusters } = kubeconfig('https://a:1')
  expect(() => parseKubeconfig(stringify({ clusters }))).toThrow('no user')
  expect(() => parseKubeconfig('')).toThrow('empty')
})
