import type { CodeEntry } from './entry.ts'

/** P: from bytes to a tree of the right shape. P00xx the text, P01xx the shape. */
export const shapeCodes = {
  P0001: {
    title: 'file not found',
    explanation: 'No file of that name exists. `appliance init` writes a commented starter profile.',
  },
  P0002: {
    title: 'file cannot be read',
    explanation:
      'The path is a directory or a device, or you may not read it. Give the path of a readable YAML file.',
  },
  P0003: {
    title: 'file too large',
    explanation:
      'A profile is at most 256 KiB, which is more than a thousand nodes. A larger file is nearly always another file by mistake, such as an image.',
  },
  P0004: {
    title: 'not UTF-8',
    explanation:
      'Profiles are UTF-8. The position shows the first byte that is not. Convert the file, for example with `iconv -f ISO-8859-1 -t UTF-8`.',
  },
  P0005: {
    title: 'empty file',
    explanation: 'The file holds no keys. `appliance init` writes a commented starter profile.',
  },
  P0006: {
    title: 'tab in the indentation',
    explanation: 'YAML forbids tabs in indentation. Use spaces.',
  },
  P0007: {
    title: 'not valid YAML',
    explanation:
      'The text cannot be read as YAML at this position. Often a colon, a quote or a bracket is missing above it.',
  },
  P0008: {
    title: 'duplicate key',
    explanation:
      'A key stands twice in one map. Most readers of YAML keep the last one silently; here it is an error, since one of the two values would be lost.',
  },
  P0009: {
    title: 'anchor or alias',
    explanation:
      'Anchors (`&name`) and aliases (`*name`) are not used in profiles: a fault could not be shown where it is, and a few lines can expand to gigabytes. Use `defaults` for what nodes share, and quote a text that begins with `&` or `*`.',
  },
  P0010: {
    title: 'merge key',
    explanation: 'The merge key `<<` is not used in profiles. Use `defaults` for what nodes share.',
  },
  P0011: {
    title: 'several documents in one file',
    explanation:
      'A file holds one document. Remove what follows the line `---`, or make it a file of its own.',
  },
  P0012: {
    title: 'YAML tag',
    explanation: 'Tags such as `!!binary` or `!include` are not used in profiles: write the plain value.',
  },
  P0013: {
    title: 'nested too deeply',
    explanation: 'No profile nests deeper than a few levels; the reader stops at 64.',
  },
  P0014: {
    title: 'key is not a text',
    explanation: 'Every key of a map is a plain text.',
  },
  P0015: {
    title: 'line too long',
    explanation:
      'No line of a profile is longer than 8192 characters; a longer one is nearly always another file by mistake.',
  },
  P0101: {
    title: 'unknown apiVersion',
    explanation:
      'The first key of a profile names the version of its format: `apiVersion: appliance/v1alpha1`.',
  },
  P0102: {
    title: 'missing key',
    explanation: 'A key that has no default is missing. `appliance explain <path>` tells what belongs there.',
  },
  P0103: {
    title: 'wrong type',
    explanation:
      'The value is of another type than the key takes: a list where a text belongs, or a number that YAML reads from unquoted digits. Quote a text that looks like a number or like `true`.',
  },
  P0104: {
    title: 'not one of the choices',
    explanation: 'The key takes one of a few values.',
  },
  P0105: {
    title: 'malformed value',
    explanation:
      'The text does not have the form that the key takes. `appliance explain <path>` shows examples.',
  },
  P0106: {
    title: 'too few or too many entries',
    explanation: 'The list or map has fewer or more entries than make sense.',
  },
  P0107: {
    title: 'unknown key',
    explanation:
      'The key is not part of the format at this place. Nothing in a profile is ignored, since an ignored key is nearly always a misspelt one.',
  },
  P0108: {
    title: 'key without a value',
    explanation: 'The key stands there with nothing after it. Give it a value or remove it.',
  },
} as const satisfies Record<string, CodeEntry>
