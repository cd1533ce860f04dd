import { posix } from 'node:path'
import type { Diagnostic, Result } from '../../diagnostics/diagnostic.ts'
import { hasErrors } from '../../diagnostics/diagnostic.ts'
import type { SourceFile, SourceRange } from '../../diagnostics/source-file.ts'
import type { ShapeChecker } from '../../diagnostics/yaml/check-shape.ts'
import { checkShape } from '../../diagnostics/yaml/check-shape.ts'
import { parseYaml } from '../../diagnostics/yaml/parse-yaml.ts'
import type { Path, YamlTree } from '../../diagnostics/yaml/yaml-tree.ts'
import { bytesUrl } from './data-url.ts'
import { checkButane, checkIgnition } from './generated/check-ignition.ts'
import { checkWritten } from './ignition-checks.ts'
import { readContents } from './ignition-contents.ts'
import { ignitionKeyHelp } from './ignition-foreign-keys.ts'
import type { IgnitionForm } from './ignition-form.ts'
import { checkNoCloudInit, formOf } from './ignition-form.ts'
import { checkModes, readModes } from './ignition-modes.ts'
import type { IgnitionFragmentConfig, WrittenConfig } from './ignition-schema.ts'
import { butaneKey, ignitionKey } from './ignition-schema.ts'
import type { WritableRoot } from './owned-paths.ts'

/** A file of the user's for Ignition that is sound by itself. */
export interface IgnitionFragment {
  readonly kind: 'ignition'
  /** As the profile names it. */
  readonly name: string
  readonly config: IgnitionFragmentConfig
  /** Place in the user's own file of a path with Ignition's names of keys. */
  readonly locate: (path: Path, part?: 'key' | 'value') => SourceRange
}

/** Makers of JSON write it in one line. It is read whole only when it is JSON: of that the YAML library takes long lines well. */
const longestLine = 1024 * 1024

const isJson = (text: string): boolean => {
  try {
    return typeof JSON.parse(text) === 'object'
  } catch {
    return false
  }
}

const passwords: readonly string[] = ['password', 'passwd', 'plain_text_passwd']

const foreignKey = (parent: Path, key: string, tree: YamlTree): Partial<Diagnostic> | undefined => {
  if (parent[1] === 'users' && passwords.includes(key)) {
    return {
      code: 'L0054',
      message: `\`${key}\`: everybody who gets hold of the image reads it`,
      secret: tree.locate([...parent, key]),
      help: 'give the hash that `openssl passwd -6` makes, or public keys',
    }
  }
  const help = ignitionKeyHelp(parent, key)
  return help === undefined
    ? undefined
    : { code: 'L0055', message: `\`${key}\` cannot be followed on a node`, help }
}

const versionHelp = (path: Path): Partial<Diagnostic> | undefined =>
  path.at(-1) === 'version'
    ? { help: "Ignition's versions are 3.0.0 to 3.5.0, Butane's 1.0.0 to 1.6.0" }
    : undefined

const patternHelp: Readonly<Record<string, string>> = {
  '^/.*[^/]$': 'write the whole path, such as /etc/motd',
  '^[a-z_][a-z0-9_-]*$': 'write lower-case letters, digits, `-` and `_`',
  '^[^/]+\\.conf$': 'a drop-in is a file name that ends in .conf',
  '^[^:\\n]*$': 'write it without `:`, in one line',
}
const helpOfPattern = (pattern: string): string | undefined =>
  pattern.includes('service|socket')
    ? 'write the name of a unit with its type: scale.service'
    : patternHelp[pattern]

/** Every key of the shape is known, so that nothing but keys is renamed. */
const withIgnitionKeys = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(withIgnitionKeys)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [ignitionKey(key), withIgnitionKeys(inner)]),
  )
}

const unique = (values: readonly string[]): string[] => [...new Set(values)]

/** Ignition refuses paths such as /etc//a. */
const atCleanPath = <T extends { readonly path: string }>(node: T): T => ({
  ...node,
  path: posix.normalize(node.path),
})

const normalised = ({ passwd, storage, systemd }: WrittenConfig): IgnitionFragmentConfig => ({
  ignition: { version: '3.3.0' },
  passwd: {
    users: (passwd?.users ?? []).map(({ sshAuthorizedKeys, groups, ...user }) => ({
      ...user,
      ...(groups === undefined ? {} : { groups: unique(groups) }),
      ...(sshAuthorizedKeys === undefined
        ? {}
        : { sshAuthorizedKeys: unique(sshAuthorizedKeys.map((key) => key.trim())) }),
    })),
    groups: passwd?.groups ?? [],
  },
  storage: {
    directories: (storage?.directories ?? []).map(atCleanPath),
    files: (storage?.files ?? []).map(({ contents = {}, ...file }) => {
      const bytes = readContents(contents)
      if (!(bytes instanceof Uint8Array)) throw new Error(`${file.path}: unchecked contents`)
      return { ...atCleanPath(file), overwrite: true as const, contents: { source: bytesUrl(bytes) } }
    }),
    links: (storage?.links ?? []).map((link) => ({ ...atCleanPath(link), overwrite: true })),
  },
  systemd: { units: systemd?.units ?? [] },
})

const checkers: Readonly<Record<IgnitionForm, unknown>> = { butane: checkButane, ignition: checkIgnition }

const readTree = (file: SourceFile): Result<readonly [YamlTree, IgnitionForm]> => {
  const headed = checkNoCloudInit(file)
  if (headed.length > 0) return [undefined, headed]
  const [tree, faults] = isJson(file.text) ? parseYaml(file, longestLine) : parseYaml(file)
  if (tree === undefined) return [undefined, faults]
  const form = formOf(tree)
  return typeof form === 'string' ? [[tree, form], faults] : [undefined, [...faults, form]]
}

/** Reads a fragment and checks what can be checked without the others. Undefined when something has an error. */
export const readIgnitionFragment = (
  name: string,
  file: SourceFile,
  root: WritableRoot = 'data',
): Result<IgnitionFragment> => {
  const [read, textFaults] = readTree(file)
  if (read === undefined) return [undefined, textFaults]
  const [tree, form] = read
  const shape = checkShape(tree, checkers[form] as ShapeChecker, {
    unknownKey: foreignKey,
    wrongChoice: versionHelp,
    patternHelp: helpOfPattern,
    docs: 'docs/user-data.md lists the keys that are read',
  }).map(({ diagnostic }) => diagnostic)
  const faults = [...textFaults, ...shape]
  if (hasErrors(faults)) return [undefined, faults]
  const locate: IgnitionFragment['locate'] = (path, part) =>
    tree.locate(
      form === 'butane' ? path.map((step) => (typeof step === 'string' ? butaneKey(step) : step)) : path,
      part,
    )
  const written = withIgnitionKeys(tree.value) as WrittenConfig
  const found = [...faults, ...checkModes(written, form, locate), ...checkWritten(written, locate, root)]
  if (hasErrors(found)) return [undefined, found]
  return [{ kind: 'ignition', name, config: normalised(readModes(written, form, locate)), locate }, found]
}
