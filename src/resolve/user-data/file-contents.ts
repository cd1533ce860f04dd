import { posix } from 'node:path'
import type { Harm, Kept } from './kept.ts'
import { keptBy } from './owned-paths.ts'

/** The next step of whoever wants a firewall. */
export const firewallHelp =
  'leave it out; `site.firewall` in the profile says what comes in, and lets k3s through'

export const rulesGone: Harm = {
  what: 'takes away the rules by which k3s reaches its pods',
  help: `${firewallHelp} (rules beside k3s's: a table of your own, without \`flush ruleset\`)`,
}

export const trafficDropped: Harm = {
  what: 'drops what pods and nodes say to each other',
  help: firewallHelp,
}

/** kube-proxy, flannel and the network policies of k3s work through iptables: its tables, and that of `site.firewall`. */
const flushed =
  /\bflush\s+ruleset\b|\b(?:flush|delete|destroy)\s+table\s+(?:(?:ip6?\s+)?(?:nat|filter|mangle|raw)|inet\s+appliance)\b/

/** A packet that one chain drops is lost, whatever others say (nft(8)); who names the bridge of pods has thought of them. */
const drops = /\bhook\s+(?:input|forward)\b[^}]*\bpolicy\s+drop\b/

/** The same by a last rule that asks nothing. */
const dropsRest =
  /\bhook\s+(?:input|forward)\b[^}]*[;\n]\s*(?:counter\s+(?:packets\s+\d+\s+bytes\s+\d+\s+)?)?(?:log\s[^;\n}]*)?\b(?:drop|reject(?:\s+with\s[^;\n}]*)?)\s*;?\s*\}/

/** Sets in a rule: `{ 22, 80 }`. */
const sets = /\{[^{};\n]*\}/g

/** What a text for nft(8) does to the rules of k3s. */
export const harmOfRules = (text: string): Harm | undefined => {
  const plain = text.replaceAll(/#.*$/gm, '')
  if (flushed.test(plain)) return rulesGone
  const rules = plain.replaceAll(sets, '')
  return (drops.test(rules) || dropsRest.test(rules)) && !/\bcni0\b/.test(plain) ? trafficDropped : undefined
}

/** By the words of sysctl(8). k3s sets them when it starts (pkg/agent/syssetup), and `sysctl --system` takes them back. */
export const stopsForwarding =
  /^-?(?:net[./]ipv4[./]ip_forward|net[./]ipv[46][./]conf[./]all[./]forwarding|net[./]bridge[./]bridge-nf-call-ip6?tables)\s*=\s*0$/

export const forwardingStopped: Harm = {
  what: 'keeps the node from forwarding what pods say',
  help: 'leave the setting out: k3s makes it',
}

const lines = (text: string): readonly string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => !/^[#;]/.test(line))

/** What is hidden where something is mounted at `point`. */
export const harmOfMount = (point: string, kept: Kept): Harm | undefined => {
  const owner = keptBy(point, 'covered', kept)
  return owner === undefined
    ? undefined
    : { what: `mounts over \`${point}\`, ${owner.by}`, help: 'mount it at another place' }
}

const ofSysctl = (text: string): Harm | undefined =>
  lines(text).some((line) => stopsForwarding.test(line)) ? forwardingStopped : undefined

/** NetworkManager.conf(5): what `unmanaged-devices` names is left alone, and the last file that sets it counts. */
const ofNetworkManager = (text: string, path: string): Harm | undefined => {
  const values = lines(text).flatMap((line) => {
    const [, plus, value] = /^unmanaged-devices\s*(\+?)=\s*(.*)$/.exec(line) ?? []
    return value === undefined ? [] : [{ adds: plus === '+', devices: value.split(/[;,]\s*/) }]
  })
  const all = /^(?:\*|interface-name:=?(?:\*|e\*|en\*|eth\*)|type:ethernet)$/
  if (
    values.some(
      ({ devices }) => devices.some((device) => all.test(device)) && !/except:/.test(devices.join()),
    )
  )
    return {
      what: 'takes the network away',
      help: 'name the devices that are not to be used; the network is under `nodes[].network` in the profile',
    }
  return values.some(({ adds }) => !adds) && posix.basename(path) > '90-appliance.conf'
    ? {
        what: 'lets NetworkManager take the interfaces of pods for its own',
        help: 'write `unmanaged-devices+=`, which adds to those of the node',
      }
    : undefined
}

/** modprobe.d(5): what `install` names runs in the place of a module, and `blacklist` keeps from loading it for what asks for it. */
const ofModprobe = (text: string, _: string, { modules }: Kept): Harm | undefined => {
  const kept = lines(text).flatMap((line) => {
    const [word = '', module = '', ...command] = line.split(/\s+/)
    const isKept = word === 'blacklist' || (word === 'install' && !/\bmodprobe\b/.test(command.join(' ')))
    const name = module.replaceAll('-', '_')
    return isKept && modules.includes(name) ? [name] : []
  })
  const [first] = kept
  return first === undefined
    ? undefined
    : {
        what: `keeps the kernel from loading \`${first}\`, which k3s or the node needs`,
        help: `take ${kept.map((name) => `\`${name}\``).join(', ')} out of it`,
      }
}

/** fstab(5): what is mounted over what is kept hides it. */
const ofFstab = (text: string, _: string, kept: Kept): Harm | undefined => {
  for (const line of lines(text)) {
    const [, point = ''] = line.split(/\s+/)
    const harm = point.startsWith('/') && point !== '/' ? harmOfMount(point, kept) : undefined
    if (harm !== undefined) return harm
  }
  return undefined
}

/** systemd-system.conf(5): what all services are given. */
const ofManager = (text: string): Harm | undefined =>
  lines(text).some((line) => /^DefaultEnvironment\s*=.*\bK3S_\w+=/.test(line))
    ? {
        what: 'gives k3s other settings by its environment',
        help: 'use `site.proxy` and `cluster.k3s` in the profile',
      }
    : undefined

type Reader = (text: string, path: string, kept: Kept) => Harm | undefined

const readers: readonly (readonly [RegExp, Reader])[] = [
  [/^\/etc\/(?:sysconfig\/)?nftables(?:\.conf$|\.d\/|\/)|\.nft$/, harmOfRules],
  [
    /^\/etc\/(?:iptables\/|sysconfig\/ip6?tables$)/,
    (text) => (/^:(?:INPUT|FORWARD)\s+(?:DROP|REJECT)\b/m.test(text) ? trafficDropped : undefined),
  ],
  [/^\/(?:etc|run|usr\/lib|usr\/local\/lib|lib)\/modprobe\.d\/[^/]+\.conf$/, ofModprobe],
  [/^\/etc\/fstab$/, ofFstab],
  [/^\/(?:etc|run|usr\/lib|usr\/local\/lib)\/systemd\/system\.conf(?:$|\.d\/)/, ofManager],
  [/^\/etc\/ufw\/ufw\.conf$/, (text) => (/^\s*ENABLED=["']?yes\b/im.test(text) ? trafficDropped : undefined)],
  [/^\/(?:etc|run|usr\/lib|usr\/local\/lib)\/sysctl\.(?:conf$|d\/)/, ofSysctl],
  [/^\/(?:etc|run|usr\/lib)\/NetworkManager\/(?:NetworkManager\.conf$|conf\.d\/)/, ofNetworkManager],
]

/** What the settings in a file of this place, absolute and normal, do to the node once its program reads them. */
export const harmOfContent = (path: string, text: string, kept: Kept): Harm | undefined => {
  const [, read] = readers.find(([pattern]) => pattern.test(path)) ?? []
  return read?.(text, path, kept)
}
