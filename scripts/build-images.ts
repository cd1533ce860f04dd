/** `make images`: locks and builds every profile in profiles/, with the stand-in or with APPLIANCE_TEST_ARTIFACTS. */
import { basename } from 'node:path'
import { $, glob } from 'zx'

const artifacts = process.env['APPLIANCE_TEST_ARTIFACTS'] ?? 'qemu-tests/k3s-stand-in/release'
const profiles = (await glob(['profiles/*.yaml', '!profiles/*.lock.yaml'])).sort()
if (profiles.length === 0) throw new Error('no profile was found in profiles/')

const run = $({ stdio: 'inherit', verbose: false })
for (const profile of profiles) {
  console.log(`${basename(profile)} with ${artifacts}`)
  await run`node dist/main.js lock ${profile} --artifacts ${artifacts}`
  await run`node dist/main.js build ${profile} --artifacts ${artifacts} -o out`
}
console.log(`built ${profiles.length} profiles below out/`)
