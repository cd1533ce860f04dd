import { posix } from 'node:path'
import type { Rule } from './context.ts'
import { duplicates, faultAt } from './context.ts'

/** A file that is named twice would be applied twice: its commands run once more. */
export const userDataOnce: Rule = (context) =>
  duplicates(
    (context.profile.userData ?? []).flatMap((file, index) =>
      context.isSound(['userData', index]) ? [{ file, index }] : [],
    ),
    ({ file }) => posix.normalize(file),
  ).map(({ item, first }) =>
    faultAt(context, 'R0395', ['userData', item.index], `\`${item.file}\` is named twice`, {
      help: 'remove one of the two',
      related: [{ path: ['userData', first.index], note: 'first named here' }],
    }),
  )
