import fc from 'fast-check'

const sometimes = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(value, { nil: undefined })

const path = fc.constantFrom(
  '/etc/a',
  '/etc/a/b',
  '/etc//c',
  '/var/d',
  '/home/kiosk/e',
  '/etc/f/../g',
  '/etc/h',
)
const account = fc.constantFrom({ id: 0 }, { name: 'kiosk' }, { id: 2000, name: 'kiosk' }, {})
const owned = {
  path,
  user: sometimes(account),
  group: sometimes(account),
  overwrite: sometimes(fc.constant(false)),
}
const mode = sometimes(fc.constantFrom(0, 420, 511, 493, 416, 644))

const source = fc
  .uint8Array({ maxLength: 40 })
  .map((bytes) => `data:;base64,${Buffer.from(bytes).toString('base64')}`)

const line = fc.constantFrom(
  '[Unit]',
  '[Service]',
  '[Install]',
  '[]',
  '[Unit] x',
  'ExecStart=/bin/true',
  'ExecStart=/bin/sh -c "a \\',
  '  b"',
  'Key',
  '=value',
  'A = b',
  '',
  '# a',
  '; b',
  ' C=d',
  '\tE=f',
  'WantedBy=multi-user.target',
  `X=${'x'.repeat(3000)}`,
)
const unitText = fc.oneof(
  fc.array(line, { maxLength: 5 }).map((lines) => ['[Service]', ...lines].join('\n')),
  fc.array(line, { maxLength: 5 }).map((lines) => lines.join('\n')),
  fc.constant('[Service]\nExecStart=/bin/true\n[Install]\nWantedBy=multi-user.target\n'),
)
const dropin = fc.record({ name: fc.constantFrom('a.conf', 'b.conf'), contents: sometimes(unitText) })

const list = <T>(item: fc.Arbitrary<T>) => sometimes(fc.array(item, { maxLength: 2 }))

/** Configs in the form of Ignition's JSON: good ones, and ones with a fault at every place where there can be one. */
export const randomIgnition = fc.record({
  ignition: fc.record({ version: fc.constantFrom('3.0.0', '3.1.0', '3.2.0', '3.3.0') }),
  passwd: sometimes(
    fc.record({
      users: list(
        fc.record({
          name: fc.constantFrom('kiosk', 'scale'),
          gecos: sometimes(fc.constantFrom('Kiosk, 1', '')),
          passwordHash: sometimes(fc.constantFrom('$6$salt$hash', '*')),
          groups: sometimes(fc.constantFrom(['video'], ['video', 'video'], [])),
          homeDir: sometimes(fc.constantFrom('/home/k', '/var/k')),
          uid: sometimes(fc.constantFrom(2000, 2001)),
        }),
      ),
      groups: list(
        fc.record({ name: fc.constantFrom('panel', 'lift'), gid: sometimes(fc.constantFrom(2000, 2001)) }),
      ),
    }),
  ),
  storage: sometimes(
    fc.record({
      directories: list(fc.record({ ...owned, mode })),
      files: list(fc.record({ ...owned, mode, contents: sometimes(fc.record({ source })) })),
      links: list(fc.record({ ...owned, target: fc.constantFrom('a', '/etc/a', '../x') })),
    }),
  ),
  systemd: sometimes(
    fc.record({
      units: list(
        fc.record({
          name: fc.constantFrom('a.service', 'b@x.timer', 'ssh.service'),
          enabled: sometimes(fc.boolean()),
          mask: sometimes(fc.boolean()),
          contents: sometimes(unitText),
          dropins: list(dropin),
        }),
      ),
    }),
  ),
})
