import fc from 'fast-check'
import { expect, test } from 'vitest'
import { checkEndpoint } from './endpoint.ts'
import type { EndpointSurroundings } from './endpoint-problem.ts'

const none: EndpointSurroundings = { ca: false, client: false }
const withCa: EndpointSurroundings = { ca: true, client: false }
const whole: EndpointSurroundings = { ca: true, client: true }

test.each([
  ['postgres://kine:pw@db.example.com:5432/kine', withCa],
  ['postgres://kine:p%40%2Fw@10.0.0.5/kine?sslmode=verify-full', withCa],
  ['postgres://kine:pw@[fd00::5]:5432', withCa],
  ['postgres://kine@db:5432/kine', whole],
  ['mysql://kine:p@ss/w:rd@tcp(db.example.com:3306)/kine', withCa],
  ['mysql://kine:pw@tcp([fd00::5]:3306)/kine?timeout=5s', withCa],
  ['mysql://kine:pw@tcp(db)/', withCa],
  ['https://10.0.0.5:2379,https://10.0.0.6:2379', whole],
  ['https://db-1.example.com:2379/', withCa],
  ['nats://kine:pw@db.example.com:4222?bucket=kine&replicas=3', withCa],
  ['nats://db-1:4222,nats://db-2:4222', withCa],
])('%s is fine', (endpoint, surroundings) => {
  expect(checkEndpoint(endpoint, surroundings)).toEqual([])
})

test.each([
  // What kine and its drivers would take for something else, or refuse on the node.
  ['db.example.com:5432', withCa, 'does not say which kind of database'],
  ['postgresql://kine:pw@db/kine', withCa, 'does not begin with a kind'],
  ['Postgres://kine:pw@db/kine', withCa, 'does not begin with a kind'],
  ['mariadb://kine:pw@db/kine', withCa, 'does not begin with a kind'],
  ['redis://db', withCa, 'does not begin with a kind'],
  ['sqlite:///var/lib/x.db', none, 'is of sqlite'],
  ['postgres://kine:p w@db/kine', withCa, 'white space'],
  ['postgres://', none, 'names no host'],
  ['postgres:///kine', none, 'names no host'],
  ['postgres://kine:pw@/kine', withCa, 'names no host'],
  ['postgres://kine:p/w@db/kine', withCa, 'holds a `/`, `?` or `#`'],
  ['postgres://kine:p#w@db/kine', withCa, 'holds a `/`, `?` or `#`'],
  ['postgres://kine:100%@db/kine', withCa, 'must be encoded'],
  ['postgres://kine:p[w@db/kine', withCa, 'must be encoded'],
  ['postgres://kine:pw@db:five/kine', withCa, 'host and port'],
  ['postgres://db/kine', withCa, 'names no user'],
  ['postgres://kine:pw@db/kine?sslmode=on', withCa, 'unknown `sslmode`'],
  ['postgres://kine:pw@db/kine?sslmode=disable', withCa, 'without effect'],
  ['postgres://kine:pw@db/kine?sslrootcert=/etc/ca.crt', none, 'a file of the node'],
  ['mysql://', none, 'names no host'],
  ['mysql://kine:pw@tcp(:3306)/kine', withCa, 'names no host'],
  ['mysql://kine:pw@/kine', withCa, 'names no host'],
  ['mysql://kine:pw@db:3306/kine', withCa, 'must stand in `tcp(...)`'],
  ['mysql://kine:pw@unix(/run/mysqld/mysqld.sock)/kine', none, 'is a socket of the node'],
  ['mysql://kine:pw@tcp(db:3306)', withCa, 'no `/` before the database'],
  ['mysql://tcp(db:3306)/kine', withCa, 'names no user'],
  ['mysql://kine:pw@tcp(db:3306)/kine?tls=true', withCa, 'parameter `tls`'],
  ['mysql://kine:pw@tcp(db:0)/kine', withCa, 'host and port'],
  ['https://10.0.0.5', withCa, 'has no port'],
  ['https://10.0.0.5:2379,10.0.0.6:2379', withCa, 'is no URL'],
  ['https://10.0.0.5:2379,http://10.0.0.6:2379', withCa, 'mixes http and https'],
  ['https://root:pw@10.0.0.5:2379', withCa, 'by a client certificate'],
  ['https://10.0.0.5:2379/v3', withCa, 'has a path'],
  ['https://:2379', withCa, 'names no host'],
  ['http://10.0.0.5:2379', whole, 'no effect on http'],
  ['nats://', none, 'names no host'],
  ['nats://kine:pw@db:port', none, 'host and port'],
])('%s is an error', (endpoint, surroundings, message) => {
  const [first, ...others] = checkEndpoint(endpoint, surroundings)
  expect(others).toEqual([])
  expect(first).toMatchObject({ severity: 'error', message: expect.stringContaining(message) })
})

test.each([
  ['postgres://kine:pw@db/kine', none, 'is not checked'],
  ['postgres://kine:pw@db/kine?sslmode=verify-full', none, 'of a public authority'],
  ['postgres://kine:pw@db/kine?sslmode=disable', none, 'not encrypted'],
  ['postgres://kine@db/kine', withCa, 'has no password'],
  ['postgres://kine:pw@localhost/kine', withCa, 'leads to the node itself'],
  ['mysql://kine:pw@tcp(db)/kine', none, 'not encrypted'],
  ['mysql://kine:p%40w@tcp(db)/kine', withCa, 'looks percent-encoded'],
  ['https://10.0.0.5:2379', none, 'of a public authority'],
  ['http://10.0.0.5:2379', none, 'not encrypted'],
  ['nats://db:4222', none, 'not encrypted'],
])('%s is a warning', (endpoint, surroundings, message) => {
  expect(checkEndpoint(endpoint, surroundings)).toEqual([
    { severity: 'warning', message: expect.stringContaining(message), help: expect.any(String) },
  ])
})

test('whatever the endpoint is, no text of a problem holds a part of it', () => {
  const password = fc.string({ minLength: 8, maxLength: 12 }).map((text) => `S3cr3t${text}`)
  const form = fc.constantFrom(
    (pw: string) => `postgres://kine:${pw}@db/kine`,
    (pw: string) => `mysql://kine:${pw}@tcp(db)/kine?tls=true`,
    (pw: string) => `https://root:${pw}@db:2379`,
    (pw: string) => `nats://${pw}@db:x`,
    (pw: string) => `${pw}://db`,
    (pw: string) => `postgres://kine:pw@db/kine?sslmode=${pw}`,
  )
  fc.assert(
    fc.property(form, password, (write, pw) => {
      expect(JSON.stringify(checkEndpoint(write(pw), none))).not.toContain('S3cr3t')
    }),
  )
})

test('a password that is encoded for a URL passes, whatever it is', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1, unit: 'grapheme-ascii' }), (pw) => {
      expect(checkEndpoint(`postgres://kine:${encodeURIComponent(pw)}@db:5432/kine`, withCa)).toEqual([])
    }),
  )
})
