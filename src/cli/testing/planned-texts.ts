import type { BuildPlan, FileContent, NodePlan } from '../../plan/build-plan.ts'

export interface PlannedText {
  /** As on the node, or as on the file system that holds it. */
  readonly path: string
  readonly mode: number
  readonly text: string
}

/** Secrets are some text that no consumer takes for syntax. */
const textOf = (content: FileContent): string | undefined => {
  if (content.kind === 'text') return content.text
  if (content.kind !== 'composed') return undefined
  return content.parts
    .map((part) => {
      if (typeof part === 'string') return part
      return part.as === 'json' ? '"s3cr3t"' : part.as === 'base64' ? 'czNjcjN0' : 's3cr3t'
    })
    .join('')
}

const texts = (
  files: readonly { readonly path: string; readonly mode: number; readonly content: FileContent }[],
): readonly PlannedText[] =>
  files.flatMap(({ path, mode, content }) => {
    const text = textOf(content)
    return text === undefined ? [] : [{ path, mode, text }]
  })

/** Every file of a base that the plan itself spells out. */
export const baseTexts = (plan: BuildPlan): readonly PlannedText[] =>
  plan.bases.flatMap(({ files }) => texts(files))

/** Documents of the seed and the files that the first boot places, of one node. */
export const nodeTexts = ({ seed }: NodePlan): readonly PlannedText[] => [
  ...texts([...seed.documents, ...seed.files]),
  ...texts(seed.install.map(({ target, mode, content }) => ({ path: target, mode, content }))),
]
