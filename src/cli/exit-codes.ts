/** What the process ends with; part of the contract with scripts (docs: `appliance --help`). */
export const exitCodes = {
  ok: 0,
  /** The profile, its lock or its recipes have errors. */
  profile: 1,
  usage: 2,
  /** A tool, a permission, the network, disk space. */
  environment: 3,
  /** A step of a build failed. */
  step: 4,
  /** An image was booted and did not prove itself, or an inspected image is not what it should be. */
  proof: 5,
  /** Ended by Ctrl-C, as shells count it: 128 + SIGINT. */
  interrupted: 130,
  /** A fault of this program. */
  bug: 70,
} as const
