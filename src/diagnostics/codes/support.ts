import type { CodeEntry } from './entry.ts'

const notYet = (what: string, instead: string): CodeEntry => ({
  title: `${what} cannot be built by this version yet`,
  explanation: `${what}: part of the profile format, so \`validate\` accepts it, but this version of appliance cannot build it, and nothing in a profile is ever ignored. \`lock\`, \`plan\`, \`build\` and \`test\` stop here. ${instead}`,
})

/** S: parts of the format that are checked, but that this version does not build. See profile/not-yet-buildable.ts. */
export const supportCodes = {
  S0008: notYet(
    'A base image of your own that Ignition sets up',
    'Ignition sets up the base that the tool makes. With `base.image` use `provision: cloud-init`.',
  ),
  S0009: notYet(
    'A base image that is configured by Ignition',
    'Use an image with cloud-init: a Debian or Ubuntu cloud image, Raspberry Pi OS.',
  ),
} as const satisfies Record<string, CodeEntry>
