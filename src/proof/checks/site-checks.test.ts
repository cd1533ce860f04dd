import { expect, test } from 'vitest'
import type { NodePlan } from '../../plan/build-plan.ts'
import { sampleBoot, sampleNode } from '../testing/sample.ts'
import { siteChecks } from './site-checks.ts'

const file = (target: string, text: string): NodePlan['seed']['install'][number] => ({
  target,
  mode: 0o600,
  content: { kind: 'text', text },
})

const node: NodePlan = {
  ...sampleNode,
  seed: {
    ...sampleNode.seed,
    install: [
      file('/etc/appliance/firewall.nft', ''),
      file('/etc/rancher/k3s/registries.yaml', ''),
      {
        ...file('/etc/default/k3s', ''),
        content: {
          kind: 'composed',
          parts: [
            'HTTP_PROXY=http://a:1\nHTTPS_PROXY=',
            { secret: { at: 'site.proxy.https', source: { env: 'X' } }, as: 'text' },
            '\nNO_PROXY=b\n',
          ],
        },
      },
    ],
  },
}

const table = (policy: string): string =>
  `table ip nat\ntable inet appliance\ntable inet appliance {\n\tchain input {\n\t\ttype filter hook input priority filter; policy ${policy};\n\t}\n}`

test.each([
  ['firewall', table('drop'), true, 'policy drop'],
  ['firewall', table('accept'), false, 'policy accept'],
  ['firewall', 'table ip nat\ntable ip filter', false, 'tables: table ip nat, table ip filter'],
  ['firewall', '', false, 'no table of nftables'],
  [
    'firewall-reload',
    'reloaded\nkept ip nat A\nkept ip6 nat A',
    true,
    'reloaded, 2 tables and chains of others kept',
  ],
  ['firewall-reload', 'reloaded\nkept ip nat A\nlost ip nat B', false, 'reloaded, lost ip nat B'],
  ['firewall-reload', 'failed\nkept ip nat A', false, 'failed, 1 tables and chains of others kept'],
  ['firewall-reload', '', false, 'nothing, 0 tables and chains of others kept'],
  ['registries-private', '600 root:root', true, '600 root:root'],
  ['registries-private', '644 root:root', false, '644 root:root'],
  ['registries-private', '', false, 'nothing'],
  ['proxy-known', 'HTTPS_PROXY\nHTTP_PROXY\nNO_PROXY', true, 'HTTPS_PROXY, HTTP_PROXY, NO_PROXY'],
  ['proxy-known', 'HTTP_PROXY', false, 'HTTPS_PROXY is missing; NO_PROXY is missing'],
])('%s of a node that says %j', (name, said, passed, actual) => {
  const keys: Readonly<Record<string, string>> = {
    'registries-private': 'registries-mode',
    'proxy-known': 'proxy-names',
  }
  const outcome = siteChecks[name]?.(sampleBoot(1, { [keys[name] ?? name]: said }), node)
  expect(outcome).toMatchObject({ passed, actual })
})

test('what the site does not ask for is not judged', () => {
  for (const check of Object.values(siteChecks)) expect(check(sampleBoot(1), sampleNode)).toBeUndefined()
})
