/** The layer rule (.dependency-cruiser.cjs), and words that must not stand in parts of the source. */
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { ICruiseOptions, ICruiseResult } from 'dependency-cruiser'
import { cruise } from 'dependency-cruiser'
import { glob } from 'zx'

const faults: string[] = []

const config = createRequire(import.meta.url)('../.dependency-cruiser.cjs') as {
  readonly forbidden: readonly { readonly name: string; readonly comment: string }[]
  readonly options: ICruiseOptions
}
const { output } = await cruise(['src'], {
  ...config.options,
  ruleSet: { forbidden: [...config.forbidden] as never },
  validate: true,
})
const { summary, modules } = output as ICruiseResult
for (const { from, to, rule } of summary.violations) {
  const comment = config.forbidden.find(({ name }) => name === rule.name)?.comment ?? ''
  faults.push(`${from} imports ${to}: ${rule.name} (${comment})`)
}

const sources = (await glob(['src/**/*.ts', '!**/*.test.ts', '!**/testing.ts', '!**/testing/**'])).sort()
// A cruiser that cannot read our TypeScript sees nothing and passes everything.
const seen = new Set(modules.map((module) => module.source))
for (const path of sources) if (!seen.has(path)) faults.push(`${path} was not seen by dependency-cruiser`)
if (sources.length === 0) faults.push('no source was found')

/** Words that a part of the source must not use, with the reason. */
const words: readonly {
  readonly where: RegExp
  readonly but: RegExp
  readonly word: RegExp
  readonly why: string
}[] = [
  {
    where: /^src\//,
    but: /^src\/(main\.ts|cli\/|host\/)/,
    word: /\bprocess\.(env|argv|exit|exitCode|stdout|stderr|stdin|cwd|chdir|kill|on)\b/,
    why: 'the process belongs to main.ts, cli and host',
  },
  { where: /^src\//, but: /^src\/host\//, word: /(?<![.\w])fetch\(/, why: 'downloads go through the host' },
  {
    where: /^(src|templates)\//,
    but: /^$/,
    word: /stand-?in/i,
    why: 'the program must not know what stands in for k3s in tests',
  },
]
const templates = await glob(['templates/**'])
for (const path of [...sources, ...templates]) {
  const lines = (await readFile(path, 'utf8')).split('\n')
  for (const { where, but, word, why } of words) {
    if (!where.test(path) || but.test(path)) continue
    lines.forEach((line, index) => {
      if (word.test(line)) faults.push(`${path}:${index + 1}: ${line.trim()} (${why})`)
    })
  }
}

for (const fault of faults) console.log(fault)
console.log(
  `${summary.totalCruised} modules, ${summary.totalDependenciesCruised ?? 0} imports, ${faults.length} faults`,
)
process.exitCode = faults.length === 0 ? 0 : 1
