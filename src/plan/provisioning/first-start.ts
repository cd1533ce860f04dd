import type { CloudConfig } from '../../resolve/user-data/cloud-config-schema.ts'

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

/** Of cloud-config: a line for the shell, or the words of one command. */
type Command = NonNullable<CloudConfig['runcmd']>[number]

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`

/** The script that cloud-init makes of commands (22.4 to 25.1: util.py, shellify). */
const scriptOf = (commands: readonly Command[]): string =>
  commands.map((each) => `${typeof each === 'string' ? each : each.map(quoted).join(' ')}\n`).join('')

/**
 * The last of `runcmd`: the user's commands, in the one script that they would be, and in a shell of their own. They may leave it, trap
 * its end or be no shell at all: then all of a first start is brought to the disk, and that is noted. The exit code is theirs. As a
 * text for `eval`, for what they leave open must not reach what follows, and an argument of `sh -c` holds no more than 128 KiB.
 * A shutdown ends this shell as well as theirs, and may end theirs first (143: SIGTERM).
 */
export const whenDone = (theirs: readonly Command[] = []): string =>
  [
    ...(theirs.length === 0 ? [] : [`(eval ${quoted(scriptOf(theirs))})`]),
    'status=$?',
    '[ $status != 143 ] || sleep 5',
    `sync; touch ${stamp}; sync`,
    'exit $status',
  ].join('\n')
