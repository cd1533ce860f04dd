import type { Diagnostic } from '../../diagnostics/diagnostic.ts'
import type { SourceRange } from '../../diagnostics/source-file.ts'
import type { Path } from '../../diagnostics/yaml/yaml-tree.ts'
import type { IgnitionForm } from './ignition-form.ts'
import type { WrittenConfig } from './ignition-schema.ts'

type Locate = (path: Path) => SourceRange

const lists = ['directories', 'files'] as const

const modePath = (list: (typeof lists)[number], index: number): Path => ['storage', list, index, 'mode']

const writtenAt = ({ file, start, end }: SourceRange): string => file.text.slice(start, end)

/**
 * Butane's YAML 1.1 reads 0644 as octal, our YAML 1.2 as 644: what counts is the text. Undefined for a number that is not
 * octal to the eye: 644 would be 01204 to Butane.
 */
const octalOf = (text: string): number | undefined => {
  const digits = /^0o?([0-7]*)$/.exec(text)?.[1]
  return digits === undefined ? undefined : Number.parseInt(`0${digits}`, 8)
}

const most = 0o777

const faultOf = (text: string, form: IgnitionForm): readonly [string, string] | undefined => {
  const octal = octalOf(text)
  if (form === 'butane') {
    if (octal === undefined) return [`the mode ${text} is not octal`, 'write octal digits after a zero: 0644']
    return octal > most
      ? [
          `the mode ${text} has more than permissions`,
          'setuid, setgid and sticky bits are not set by Ignition 3.3.0',
        ]
      : undefined
  }
  if (octal !== undefined && text !== '0')
    return [`the mode ${text} is octal, and Ignition's keys take decimal numbers`, `write ${octal}`]
  const asOctal = Number.parseInt(text, 8)
  return Number(text) > most || Number(text) < 0
    ? [
        `the mode ${text} has more than permissions`,
        `decimal numbers reach to 511 (octal 777)${asOctal <= most ? `; octal ${text} is ${asOctal}` : ''}`,
      ]
    : undefined
}

export const checkModes = (
  config: WrittenConfig,
  form: IgnitionForm,
  locate: Locate,
): readonly Diagnostic[] =>
  lists.flatMap((list) =>
    (config.storage?.[list] ?? []).flatMap(({ mode }, index): readonly Diagnostic[] => {
      if (mode === undefined) return []
      const range = locate(modePath(list, index))
      const fault = faultOf(writtenAt(range), form)
      if (fault === undefined) return []
      return [{ code: 'L0055', severity: 'error', message: fault[0], range, help: fault[1] }]
    }),
  )

/** With every mode as the number that was meant. To be called when `checkModes` finds nothing. */
export const readModes = (config: WrittenConfig, form: IgnitionForm, locate: Locate): WrittenConfig => {
  const { storage } = config
  if (storage === undefined || form === 'ignition') return config
  const meant = <T extends { readonly mode?: number }>(
    list: (typeof lists)[number],
    items: readonly T[],
  ): T[] =>
    items.map((item, index) =>
      item.mode === undefined
        ? item
        : { ...item, mode: octalOf(writtenAt(locate(modePath(list, index)))) ?? 0 },
    )
  return {
    ...config,
    storage: {
      ...storage,
      ...(storage.directories === undefined
        ? {}
        : { directories: meant('directories', storage.directories) }),
      ...(storage.files === undefined ? {} : { files: meant('files', storage.files) }),
    },
  }
}
