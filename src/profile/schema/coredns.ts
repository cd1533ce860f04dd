import Type from 'typebox'

/** The ConfigMap `coredns-custom` that k3s's own CoreDNS reads (docs.k3s.io/networking/networking-services). */
export const corednsSchema = Type.Record(Type.String(), Type.String({ pattern: '\\S' }), {
  description:
    'Settings of your own for the name server of the cluster, by file: `<name>.server` holds whole server blocks, `<name>.override` lines for the block that is there.',
  examples: [{ 'site.server': 'example.com:53 {\n  forward . 192.168.10.1\n}\n' }],
})
