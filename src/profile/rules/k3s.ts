import { suggestionHelp } from '../../diagnostics/suggest.ts'
import { absenceHelp } from '../k3s-keys.ts'
import type { K3sRelease } from '../k3s-version.ts'
import { parseK3sRelease } from '../k3s-version.ts'
import { addOnsOf, isManifestFile, workloadEntries } from '../workload-entry.ts'
import type { Rule, RuleContext } from './context.ts'
import { faultAt } from './context.ts'

const path = ['cluster', 'k3s', 'version']

const isRelease = (version: string): boolean =>
  /^v1\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-(alpha|beta|rc)\d+)?\+k3s[1-9]\d*$/.test(version)

/** The release that tables are asked about: the newest minor known where the profile names none that can be read. */
export const releaseOf = ({ profile, recipes, isSound }: RuleContext): K3sRelease => {
  const { version } = profile.cluster.k3s
  const release = isSound(path) && isRelease(version) ? parseK3sRelease(version) : undefined
  return release ?? { minor: recipes.k3s.newest, patch: Number.MAX_SAFE_INTEGER }
}

export const k3sVersion: Rule = (context) => {
  const { version } = context.profile.cluster.k3s
  if (isRelease(version)) return []
  const withBuild = /^v?(1\.\d+\.\d+)(?:[+-]k3s(\d+))?$/.exec(version)
  const help =
    withBuild === null
      ? 'name a release in full, such as `v1.33.1+k3s1`'
      : `did you mean \`v${withBuild[1]}+k3s${withBuild[2] ?? 1}\`?`
  return [faultAt(context, 'R0310', path, `\`${version}\` is not the name of a k3s release`, { help })]
}

/** Releases of which the tables know nothing. */
export const k3sMinor: Rule = (context) => {
  const { version } = context.profile.cluster.k3s
  const { oldest, newest } = context.recipes.k3s
  const minor = isRelease(version) ? parseK3sRelease(version)?.minor : undefined
  if (minor === undefined || !context.isSound(path)) return []
  if (minor < oldest)
    return [
      faultAt(context, 'R0329', path, `${version} is older than v1.${oldest}, the oldest release supported`, {
        help: `use a release of v1.${newest}`,
      }),
    ]
  if (minor <= newest) return []
  return [
    faultAt(context, 'R0328', path, `v1.${minor} is newer than what is known of k3s here`, {
      severity: 'warning',
      help: `options are checked as for v1.${newest}, the newest one known; a newer appliance may know more`,
    }),
  ]
}

export const knownComponents: Rule = (context) => {
  const release = releaseOf(context)
  const packaged = context.recipes.k3s.keys.get('disable')?.values ?? []
  const entries = workloadEntries(context.profile)
  const known = [...packaged.map(({ value }) => value), ...entries.flatMap(addOnsOf)]
  // What is in a folder is seen when the lock is made.
  const hasFolder = entries.some((entry) => entry.kind === 'manifest' && !isManifestFile(entry.file))
  return (context.profile.cluster.k3s.disable ?? []).flatMap((name, index) => {
    const component = packaged.find(({ value }) => value === name)
    const gone = component === undefined ? undefined : absenceHelp(component, release)
    if ((known.includes(name) || hasFolder) && gone === undefined) return []
    const { version } = context.profile.cluster.k3s
    const help = gone ?? suggestionHelp(name, known)
    return [
      faultAt(
        context,
        'R0315',
        ['cluster', 'k3s', 'disable', index],
        `${gone === undefined ? 'k3s' : version} has no component \`${name}\``,
        help === undefined ? {} : { help },
      ),
    ]
  })
}
