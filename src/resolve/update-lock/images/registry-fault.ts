import type { Code } from '../../../diagnostics/codes.ts'
import type { StepFault } from '../../../diagnostics/fault.ts'
import { EnvironmentFault } from '../../../diagnostics/fault.ts'
import type { Path } from '../../../diagnostics/yaml/yaml-tree.ts'
import type { Host } from '../../../host/host.ts'
import type { PullSettings } from '../../lock-request.ts'
import { ImageProblem } from './image-problem.ts'
import { loginFiles } from './skopeo.ts'
import type { SkopeoFailure } from './skopeo-failure.ts'

export interface Pulled {
  /** `docker.io/library/nginx:1.29`. */
  readonly name: string
  readonly registry: string
  readonly settings: PullSettings | undefined
  readonly at: Path
}

/** The last thing that skopeo said, without its own form around it. */
const said = (fault: StepFault): string => {
  const line = fault.lastLines.findLast((text) => text.trim() !== '') ?? ''
  return /msg="((?:[^"\\]|\\.)*)"/.exec(line)?.[1]?.replaceAll('\\"', '"') ?? line.trim()
}

const whoseLogin = async (host: Host, { registry, settings }: Pulled): Promise<readonly [string, string]> => {
  if (settings?.login != null)
    return [`the user ${settings.login.username}`, `check user and password under \`images.pull\``]
  const files: string[] = []
  for (const path of loginFiles(host.environment))
    files.push((await host.files.stat(path)) === undefined ? `${path} (is not there)` : path)
  return [
    'whoever is logged in, if anybody',
    `log in with \`skopeo login ${registry}\`, or name user and password under \`images.pull\`; looked for in ${files.join(', ')}`,
  ]
}

/** skopeo's failure as a fault with its reason and a next step. */
export const registryFault = async (
  host: Host,
  pulled: Pulled,
  failure: SkopeoFailure,
  fault: StepFault,
): Promise<Error> => {
  const { name, registry, at, settings } = pulled
  const environment = (code: Code, message: string, help: string): Error =>
    new EnvironmentFault(`${message}: ${said(fault)}`, `${help}; replay: ${fault.replay ?? ''}`, {
      code,
      at,
      cause: fault,
    })
  switch (failure) {
    case 'not-found':
      return new ImageProblem(
        'L0010',
        `${registry} has no image ${name}`,
        `check name and tag; if the image is private, log in: \`skopeo login ${registry}\` or \`images.pull\` (${said(fault)})`,
      )
    case 'refused': {
      const [who, help] = await whoseLogin(host, pulled)
      return environment('L0011', `${registry} does not let ${who} read ${name}`, help)
    }
    case 'untrusted':
      return environment(
        'L0015',
        `the certificate of ${registry}${(settings?.mirrors ?? []).length > 0 ? ' or of a mirror' : ''} is not trusted, for ${name}`,
        'name the file with its CA: images.pull: [{ registry, ca }]',
      )
    case 'too-many-requests':
      return environment(
        'L0016',
        `${registry} wants fewer requests, for ${name}`,
        'wait and run it again, logged in if you were not: what has been fetched is kept',
      )
    case 'changed':
      return environment(
        'L0018',
        `${registry} sent something else than ${name} is`,
        'nothing of it was kept; run it again, and find out what changes it on the way',
      )
    case 'interrupted':
      return environment(
        'L0017',
        `${name} could not be fetched whole from ${registry}`,
        'run it again: what has been fetched is kept',
      )
  }
}
