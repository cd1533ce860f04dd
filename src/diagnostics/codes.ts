import { accessRuleCodes, replaceCodes } from './codes/access.ts'
import { baseImageLockCodes, baseImageRuleCodes } from './codes/base-image.ts'
import { boardLimitBuildCodes, boardLimitCodes, boardLimitLockCodes } from './codes/board-limits.ts'
import { buildCodes } from './codes/build.ts'
import { datastoreCodes, datastoreRuleCodes } from './codes/datastore.ts'
import type { CodeEntry } from './codes/entry.ts'
import { haRuleCodes } from './codes/ha.ts'
import { hardeningRuleCodes } from './codes/hardening.ts'
import { imageLockCodes, imageRuleCodes } from './codes/images.ts'
import { k3sRuleCodes } from './codes/k3s.ts'
import { kernelLockCodes } from './codes/kernels.ts'
import { lockCodes } from './codes/lock.ts'
import { networkRuleCodes } from './codes/network.ts'
import { piRuleCodes } from './codes/pi.ts'
import { pkiRuleCodes } from './codes/pki.ts'
import { ruleCodes } from './codes/rules.ts'
import { secretGateCodes, secretRuleCodes } from './codes/secrets.ts'
import { shapeCodes } from './codes/shape.ts'
import { stateCodes, stateRuleCodes } from './codes/state.ts'
import { userDataCodes } from './codes/user-data.ts'
import { verifyCodes } from './codes/verify.ts'
import { wifiBuildCodes, wifiRuleCodes } from './codes/wifi.ts'
import { workloadLockCodes, workloadRuleCodes } from './codes/workloads.ts'

export type { CodeEntry }

/** P: text and shape. R: rules. L: lock. B: build. V: verify and proof. */
export const codes = {
  ...shapeCodes,
  ...ruleCodes,
  ...k3sRuleCodes,
  ...pkiRuleCodes,
  ...secretRuleCodes,
  ...accessRuleCodes,
  ...stateRuleCodes,
  ...haRuleCodes,
  ...hardeningRuleCodes,
  ...workloadRuleCodes,
  ...datastoreRuleCodes,
  ...imageRuleCodes,
  ...networkRuleCodes,
  ...piRuleCodes,
  ...wifiRuleCodes,
  ...boardLimitCodes,
  ...baseImageRuleCodes,
  ...lockCodes,
  ...workloadLockCodes,
  ...imageLockCodes,
  ...boardLimitLockCodes,
  ...userDataCodes,
  ...kernelLockCodes,
  ...baseImageLockCodes,
  ...stateCodes,
  ...buildCodes,
  ...secretGateCodes,
  ...datastoreCodes,
  ...wifiBuildCodes,
  ...boardLimitBuildCodes,
  ...replaceCodes,
  ...verifyCodes,
} as const satisfies Record<string, CodeEntry>

export type Code = keyof typeof codes
