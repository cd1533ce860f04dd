import type { Diagnostic } from '../../diagnostics/diagnostic.ts'
import { isAgeRecipient } from '../age-recipient.ts'
import type { Rule } from './context.ts'
import { duplicates, faultAt } from './context.ts'

const at = ['cluster', 'state']

/** One way to protect the state: none, a passphrase, or recipients with the identity that opens it. */
export const oneProtection: Rule = (context): readonly Diagnostic[] => {
  const state = context.profile.cluster?.state
  if (state === undefined || !context.isSound(at)) return []
  const fault = (key: string, message: string, help: string): readonly Diagnostic[] => [
    faultAt(context, 'R0901', [...at, key], message, { help, part: 'key' }),
  ]
  const key = (['recipients', 'identity', 'passphrase'] as const).find((name) => state[name] !== undefined)
  if (state.encryption === 'none' && key !== undefined)
    return fault(key, `\`encryption: none\` and \`${key}\` contradict each other`, 'keep one of the two')
  if (state.recipients !== undefined && state.passphrase !== undefined)
    return fault(
      'passphrase',
      'age encrypts either to recipients or with a passphrase',
      'keep `recipients` (and `identity`) or `passphrase`',
    )
  if (state.identity !== undefined && state.recipients === undefined)
    return fault(
      'identity',
      'an identity opens only what is encrypted to its recipient, and no recipient is named',
      'add `recipients: [age1...]`; `age-keygen -y <file>` prints the recipient of an identity',
    )
  return []
}

const isPrivate = (text: string): boolean => /AGE-SECRET-KEY-/i.test(text)

/** Mistyped recipients would make a state that nobody can open. */
export const usableRecipients: Rule = (context) => {
  const recipients = context.profile.cluster?.state?.recipients ?? []
  const placed = recipients.map((text, index) => ({ text, path: [...at, 'recipients', index] }))
  return [
    ...placed.flatMap(({ text, path }) => {
      if (isPrivate(text))
        return [
          faultAt(context, 'R0903', path, 'this is the private half of an age key', {
            secret: path,
            help: 'write its public half, which `age-keygen -y` prints, and make a new key: this one has been seen',
          }),
        ]
      if (isAgeRecipient(text)) return []
      return [
        faultAt(context, 'R0902', path, `\`${text}\` is not a recipient of age`, {
          help: /^ssh-/.test(text)
            ? 'ssh keys cannot be used here; make an age key with `age-keygen`'
            : 'copy it whole: `age1` and 58 letters and digits, as `age-keygen` prints it',
        }),
      ]
    }),
    ...duplicates(placed, ({ text }) => text).map(({ item, first }) =>
      faultAt(context, 'R0902', item.path, 'this recipient is listed twice', {
        related: [{ path: first.path, note: 'first here' }],
      }),
    ),
  ]
}
