import { createNodeHost } from '../../../host/node-host.ts'
import type { StateProtection } from '../../../plan/build-plan.ts'
import { Secret } from '../../secrets.ts'
import { createStateStore } from '../state-store.ts'
import { versions } from './paper-state.ts'

/** For a test that kills it: writes the two versions in turn until it is killed, and says so before the
 * first and the second. Arguments: the folder, the protection; an identity of age
 * is in $IDENTITY. */
const [directory = '', protection = ''] = process.argv.slice(2)
const host = createNodeHost({ offline: true })
const store = createStateStore(
  host,
  directory,
  { cluster: 'lab', stateProtection: JSON.parse(protection) as StateProtection },
  {
    readSecret: async () => new Secret(process.env['IDENTITY'] ?? ''),
    profileDirectory: directory,
    ask: null,
  },
)
for (let turn = 0; ; turn += 1) {
  process.stdout.write(turn < 2 ? 'writing\n' : '')
  await store.write(versions[turn % 2 === 0 ? 0 : 1])
}
