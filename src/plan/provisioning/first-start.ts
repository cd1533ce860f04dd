/** One for each instance, and so for each seed: it is where cloud-init keeps what it knows of this one. */
const instance = '/var/lib/cloud/instance'
const stamp = `${instance}/appliance-first-start`

/** Of shadow 4.13 to 4.17: one without a number, as a power cut leaves it, is taken for another's, for ever. */
const accountLocks = ['passwd', 'shadow', 'group', 'gshadow', 'subuid', 'subgid'].map(
  (name) => `/etc/${name}.lock`,
)

/**
 * A line for the shell, first of `bootcmd`, which runs at every start, before anything is written. cloud-init notes that a
 * module has run before it runs it, and does not repeat it for the same instance (22.4 to 25.1: helpers.py, FileSemaphores). So
 * that is forgotten until a first start has come to its end. Units that are enabled wait for their files, which are about to be
 * written again. The sync is for what cloud-init has written before: with an empty network-config.json or set-hostname
 * it would not come as far as this any more (stages.py 25.1, cc_set_hostname.py 22.4).
 */
export const untilDone = (enabled: readonly string[]): string => {
  const forgotten = [`${instance}/sem/config_*`, ...accountLocks].join(' ')
  const units = enabled.length === 0 ? '' : `systemctl --quiet disable ${enabled.join(' ')} 2>/dev/null; `
  return `[ -e ${stamp} ] || { rm -f ${forgotten}; ${units}sync; }`
}

/**
 * A line for the shell, between our commands and the user's, which may end the shell: when it ends, all of a first start is
 * brought to the disk, and that is noted. Not when a signal ends it, as at a shutdown (dash).
 */
export const whenDone = `trap 'sync; touch ${stamp}; sync' EXIT`
