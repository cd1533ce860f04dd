import type { Document } from 'yaml'
import { isMap } from 'yaml'
import type { Code } from '../../diagnostics/codes.ts'
import type { Diagnostic, Result } from '../../diagnostics/diagnostic.ts'
import type { SourceFile, SourceRange } from '../../diagnostics/source-file.ts'
import { nodeAt, parseUserYaml, rangeOf, textAt } from './user-yaml.ts'

/** An object of Kubernetes in a file of the user's. */
export interface ManifestObject {
  readonly file: SourceFile
  readonly document: Document.Parsed
  readonly kind: string
  readonly name: string
  /** As written; undefined where the object is in none or in the default one. */
  readonly namespace: string | undefined
}

const fault = (
  code: Code,
  severity: Diagnostic['severity'],
  message: string,
  range: SourceRange,
  help?: string,
): Diagnostic => ({ code, severity, message, range, ...(help === undefined ? {} : { help }) })

/** `apiVersion`, `kind` and a name: what k3s's deploy controller needs of each document. */
const readObject = (file: SourceFile, document: Document.Parsed): ManifestObject | Diagnostic => {
  const { contents } = document
  const range = firstLine(rangeOf(file, contents))
  if (!isMap(contents))
    return fault(
      'L0031',
      'error',
      'this is no object of Kubernetes',
      range,
      'write a map with `apiVersion`, `kind` and `metadata`',
    )
  const kind = textAt(document, ['kind'])
  const missing =
    textAt(document, ['apiVersion']) === undefined ? 'apiVersion' : kind === undefined ? 'kind' : undefined
  if (missing !== undefined || kind === undefined)
    return fault(
      'L0031',
      'error',
      `this object has no \`${missing}\``,
      range,
      'a values file or a kustomization is no manifest',
    )
  const name = textAt(document, ['metadata', 'name'])
  if (name === undefined && !kind.endsWith('List'))
    return fault(
      'L0031',
      'error',
      `this ${kind} has no \`metadata.name\``,
      range,
      'k3s deploys objects with a name only',
    )
  return { file, document, kind, name: name ?? '', namespace: textAt(document, ['metadata', 'namespace']) }
}

/** A document reaches over many lines: its first one says where it is. */
const firstLine = (range: SourceRange): SourceRange => {
  const end = range.file.text.indexOf('\n', range.start)
  return { ...range, end: end === -1 ? range.end : Math.max(range.start, Math.min(range.end, end)) }
}

/** In a HelmChart's `chart` the Helm controller itself replaces the address of the API. */
const foreignVariables = (file: SourceFile): readonly Diagnostic[] =>
  [...file.text.matchAll(/%\{[A-Z_]+\}%/g)].flatMap(({ 0: found, index }) => {
    const line = file.text.slice(file.text.lastIndexOf('\n', index) + 1, index)
    if (found === '%{KUBERNETES_API}%' && /\bchart["']?\s*:/.test(line)) return []
    if (/^\s*#/.test(line)) return []
    return [
      fault(
        'L0033',
        'warning',
        `\`${found}\` stays as it is`,
        { file, start: index, end: index + found.length },
        'k3s replaces such variables in its own manifests only: write the value',
      ),
    ]
  })

/** The objects of a manifest. Undefined when k3s could not deploy the file as it is. */
export const readManifest = (file: SourceFile): Result<readonly ManifestObject[]> => {
  const [documents, faults] = parseUserYaml(file)
  if (faults.length > 0) return [undefined, faults]
  const read = documents
    .filter(({ contents }) => contents !== null && !isEmptyScalar(contents))
    .map((document) => readObject(file, document))
  const broken = read.filter((each): each is Diagnostic => 'code' in each)
  if (broken.length > 0) return [undefined, broken]
  if (read.length === 0) {
    return [
      undefined,
      [
        fault(
          'L0030',
          'error',
          'the file holds no object',
          { file, start: 0, end: 0 },
          'remove it, or write an object into it',
        ),
      ],
    ]
  }
  return [read.filter((each): each is ManifestObject => !('code' in each)), foreignVariables(file)]
}

const isEmptyScalar = (contents: unknown): boolean =>
  typeof contents === 'object' && contents !== null && 'value' in contents && contents.value === null

/** In every cluster (kubernetes.io/docs/concepts/overview/working-with-objects/namespaces). */
const everyCluster: readonly string[] = ['default', 'kube-system', 'kube-public', 'kube-node-lease']

/** Objects in a namespace that neither a manifest nor a chart creates. `created`: by charts. */
export const homelessObjects = (
  objects: readonly ManifestObject[],
  created: readonly string[],
): readonly Diagnostic[] => {
  const known = new Set([
    ...everyCluster,
    ...created,
    ...objects.filter(({ kind }) => kind === 'Namespace').map(({ name }) => name),
  ])
  return objects.flatMap(({ file, document, kind, name, namespace }) =>
    namespace === undefined || known.has(namespace)
      ? []
      : [
          fault(
            'L0032',
            'warning',
            `nobody creates the namespace \`${namespace}\` of ${kind} \`${name}\``,
            rangeOf(file, nodeAt(document, ['metadata', 'namespace'])),
            `add an object of kind Namespace and name ${namespace}, or have a chart install into it`,
          ),
        ],
  )
}
