import { stringify } from 'yaml'

/**
 * YAML for k3s (Go) and cloud-init (PyYAML), which read YAML 1.1: `yes`, `on` and `0640` must be quoted to stay texts.
 * No line is folded: some readers of these files are people with grep.
 */
export const toYaml = (value: unknown): string =>
  stringify(value, { version: '1.1', lineWidth: 0, aliasDuplicateObjects: false })
