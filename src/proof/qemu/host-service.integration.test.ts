import type { Socket } from 'node:net'
import { connect, createServer } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { NodeHost } from '../../host/node-host.ts'
import { createNodeHost } from '../../host/node-host.ts'
import { sampleNode } from '../testing/sample.ts'
import { createFrameReader, withLength } from './frames.ts'
import type { Site } from './site.ts'
import { startSite } from './site.ts'
import { macAddress, siteNetwork } from './site-network.ts'

const own = { mac: Buffer.from(macAddress(0).replaceAll(':', ''), 'hex'), address: '192.168.10.11' }
const serviceAddress = '192.168.10.5'
const [syn, reset, ack, push] = [0x02, 0x04, 0x10, 0x18]

const bytesOf = (address: string): Buffer => Buffer.from(address.split('.').map(Number))

/** RFC 1071: the ones' complement of the ones' complement sum of all 16-bit words. */
const checksum = (bytes: Buffer): number => {
  let sum = 0
  for (let at = 0; at < bytes.length; at += 2)
    sum += (bytes.readUInt8(at) << 8) + (at + 1 < bytes.length ? bytes.readUInt8(at + 1) : 0)
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16)
  return ~sum & 0xffff
}

/** An ARP question (RFC 826) for the address of the service. */
const arpQuestion = (): Buffer =>
  Buffer.concat([
    Buffer.alloc(6, 0xff),
    own.mac,
    Buffer.from('08060001080006040001', 'hex'),
    own.mac,
    bytesOf(own.address),
    Buffer.alloc(6),
    bytesOf(serviceAddress),
  ])

/** One TCP segment over IPv4 (RFC 791, 9293), without options. */
const segment = (
  mac: Buffer,
  port: number,
  { flags, sequence, acknowledged }: { flags: number; sequence: number; acknowledged: number },
  data = '',
): Buffer => {
  const tcp = Buffer.alloc(20 + data.length)
  tcp.writeUInt16BE(40_000, 0)
  tcp.writeUInt16BE(port, 2)
  tcp.writeUInt32BE(sequence, 4)
  tcp.writeUInt32BE(acknowledged, 8)
  tcp.writeUInt16BE(0x5000 | flags, 12)
  tcp.writeUInt16BE(0xffff, 14)
  tcp.write(data, 20, 'ascii')
  const addresses = Buffer.concat([bytesOf(own.address), bytesOf(serviceAddress)])
  const length = Buffer.alloc(2)
  length.writeUInt16BE(tcp.length)
  tcp.writeUInt16BE(checksum(Buffer.concat([addresses, Buffer.from([0, 6]), length, tcp])), 16)
  const ip = Buffer.concat([Buffer.from('450000000000400040060000', 'hex'), addresses])
  ip.writeUInt16BE(ip.length + tcp.length, 2)
  ip.writeUInt16BE(checksum(ip), 10)
  return Buffer.concat([mac, own.mac, Buffer.from('0800', 'hex'), ip, tcp])
}

let host: NodeHost
let directory: string

beforeAll(async () => {
  host = createNodeHost()
  directory = await host.files.makeTemporaryDirectory('appliance-site-')
})

afterAll(async () => {
  await host.files.remove(directory)
  await host.close()
})

/** A machine on the network that sends frames itself. */
const plugIn = async (site: Site): Promise<{ frames: Buffer[]; socket: Socket }> => {
  const frames: Buffer[] = []
  const socket = connect(site.port(0))
  await new Promise((resolve) => socket.once('connect', resolve))
  socket.on(
    'data',
    createFrameReader((frame) => frames.push(Buffer.from(frame))),
  )
  return { frames, socket }
}

test('what a machine sends to the address of a service arrives at its port on this host, and nothing else does', async () => {
  const heard: string[] = []
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.on('data', (chunk) => {
      heard.push(chunk.toString())
      socket.write('pong')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const bound = server.address()
  const localPort = bound !== null && typeof bound === 'object' ? bound.port : 0
  const hostServices = [{ address: serviceAddress, port: 5432, localPort }]
  const node = { ...sampleNode, addresses: [`${own.address}/24`], gateways: ['192.168.10.1'] }
  const site = await startSite(host, {
    network: siteNetwork([node], hostServices),
    hostServices,
    macAddresses: [macAddress(0)],
    directory,
    program: 'qemu-system-x86_64',
  })
  try {
    const { frames, socket } = await plugIn(site)
    const send = (frame: Buffer): boolean => socket.write(withLength(frame))
    const next = async (matches: (frame: Buffer) => boolean): Promise<Buffer> => {
      await expect.poll(() => frames.find(matches), { timeout: 10_000, interval: 20 }).toBeDefined()
      return frames.find(matches) ?? Buffer.alloc(0)
    }
    const isTcp = (frame: Buffer): boolean => frame.readUInt16BE(12) === 0x0800 && frame.readUInt8(23) === 6
    const flagsOf = (frame: Buffer): number => frame.readUInt8(47)

    send(arpQuestion())
    const mac = (await next((frame) => frame.readUInt16BE(12) === 0x0806 && frame[21] === 2)).subarray(22, 28)
    send(segment(mac, 5432, { flags: syn, sequence: 1000, acknowledged: 0 }))
    const answer = await next((frame) => isTcp(frame) && flagsOf(frame) === (syn | ack))
    const theirs = answer.readUInt32BE(38) + 1
    send(segment(mac, 5432, { flags: ack, sequence: 1001, acknowledged: theirs }))
    send(segment(mac, 5432, { flags: push, sequence: 1001, acknowledged: theirs }, 'ping'))
    await next((frame) => isTcp(frame) && frame.includes('pong'))
    expect(heard).toEqual(['ping'])

    // The same port of this host at another port of the address is refused.
    send(segment(mac, localPort, { flags: syn, sequence: 1000, acknowledged: 0 }))
    const refusal = await next((frame) => isTcp(frame) && frame.readUInt16BE(34) === localPort)
    expect(flagsOf(refusal) & (syn | reset)).toBe(reset)
    socket.destroy()
  } finally {
    await site.stop()
    server.close()
  }
})
