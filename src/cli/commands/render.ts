import { join, posix } from 'node:path'
import type { Host } from '../../host/host.ts'
import type { PlannedFile } from '../../plan/build-plan.ts'
import { exitCodes } from '../exit-codes.ts'
import type { RenderOptions } from '../options.ts'
import { requirePlan } from '../require-plan.ts'

interface Document {
  readonly name: string
  readonly text: string
}

const documentOf = ({ path, content }: PlannedFile): Document => {
  if (content.kind !== 'text') throw new Error(`the document ${path} is not plain text`)
  return { name: posix.basename(path), text: content.text }
}

/** One alone goes to programs as it is; several are for people, headed as head(1) and tail(1) do. */
const printed = (documents: readonly Document[]): string =>
  documents.length === 1
    ? documents.map(({ text }) => text).join('')
    : documents.map(({ name, text }) => `==> ${name} <==\n${text}`).join('\n')

/** The provisioning documents of a node. Nothing in them is secret: what only the node may know is on its seed. */
export const run = async (host: Host, options: RenderOptions): Promise<number> => {
  const loaded = await requirePlan(host, options)
  if (typeof loaded === 'number') return loaded
  const { document, format, output, terminal } = options
  const node = loaded.plan.nodes.find(({ name }) => name === options.node)
  const all = (node?.seed.documents ?? []).map(documentOf)
  const documents = all.filter(({ name }) => document === undefined || name === document)
  if (documents.length === 0) {
    const names = all.map(({ name }) => name).join(', ')
    terminal.err(`error: there is no document ${document}; the front end reads: ${names}\n`)
    return exitCodes.usage
  }
  if (output !== undefined) {
    await host.files.makeDirectory(output)
    for (const { name, text } of documents) await host.files.writeAtomic(join(output, name), text)
    host.report.info(`${documents.map(({ name }) => join(output, name)).join(', ')} written`)
  }
  if (format === 'json') terminal.out(`${JSON.stringify({ node: options.node, documents }, null, 2)}\n`)
  else if (output === undefined) terminal.out(printed(documents))
  host.report.info(
    `keys, tokens and k3s's own settings of ${options.node} are not in them: they are on the seed of its image`,
  )
  return exitCodes.ok
}
