import { test } from 'vitest'

/** A case that `make qemu` runs and `make test` names as not run, since its time would not fit. */
export const slow = test.skipIf(process.env['APPLIANCE_ALL_BOOTS'] === undefined)
