import type { ProvisionedFile } from './provisioning.ts'

/**
 * chrony.conf(5), whose place is `path`, of a site with its own time servers: no other one is asked. A clock that is far off is
 * set at once.
 */
export const planChrony = (ntp: readonly string[], path: string): readonly ProvisionedFile[] =>
  ntp.length === 0
    ? []
    : [
        {
          path,
          mode: 0o644,
          text: [
            ...ntp.map((server) => `server ${server} iburst`),
            'driftfile /var/lib/chrony/drift',
            'makestep 1.0 3',
            'rtcsync',
            '',
          ].join('\n'),
        },
      ]
