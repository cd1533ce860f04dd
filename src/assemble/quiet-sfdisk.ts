/** sfdisk on a file, which no kernel reads: nothing is said of success, and nobody is told of the table. */
export const quietSfdisk = (...options: readonly string[]): readonly [string, ...string[]] => [
  'sfdisk',
  '--quiet',
  '--no-reread',
  '--no-tell-kernel',
  ...options,
]
