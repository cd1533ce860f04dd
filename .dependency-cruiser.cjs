// The table of ARCHITECTURE.md, "Folders", as rules. `scripts/check-layers.ts` runs them.
// Tests may import anything: they stand outside the layers.

/** Folder -> what it may import beside itself. */
const layers = {
  diagnostics: [],
  host: ['diagnostics'],
  recipes: ['diagnostics', 'host', 'resolve/pins\\.ts'],
  profile: ['diagnostics', 'recipes'],
  resolve: ['profile', 'recipes', 'diagnostics', 'host'],
  plan: ['resolve', 'recipes', 'diagnostics'],
  render: ['plan', 'resolve/pins\\.ts'],
  materialise: [
    'plan/build-plan\\.ts',
    'plan/canonical-json\\.ts',
    'resolve/pins\\.ts',
    'host',
    'diagnostics',
  ],
  assemble: ['plan/build-plan\\.ts', 'resolve/pins\\.ts', 'host', 'diagnostics', 'materialise'],
  verify: ['plan/build-plan\\.ts', 'resolve/pins\\.ts', 'host', 'diagnostics'],
  proof: ['plan/build-plan\\.ts', 'resolve/pins\\.ts', 'host', 'diagnostics'],
}

const source = (folder) => ({ path: `^src/${folder}/`, pathNot: '\\.test\\.ts$|/testing(\\.ts|/)' })

const layerRules = Object.entries(layers).map(([folder, allowed]) => ({
  name: `layer-${folder}`,
  comment: `src/${folder} may import only: ${[folder, ...allowed].join(', ')}`,
  severity: 'error',
  from: source(folder),
  to: {
    path: '^src/',
    pathNot: `^src/(${[folder, ...allowed].map((name) => (name.includes('\\.') ? name : `${name}/`)).join('|')})`,
  },
}))

/** Modules that reach the world outside. */
const worldly =
  '^(node:)?(fs|fs/promises|child_process|net|tls|http|https|http2|dgram|dns|os|worker_threads)$|node_modules/(execa|undici|zx)/'

module.exports = {
  forbidden: [
    ...layerRules,
    {
      name: 'host-in-two-places',
      comment: 'src/resolve reaches the host only in update-lock.ts and read-inputs.ts (and their folders)',
      severity: 'error',
      from: {
        path: '^src/resolve/',
        pathNot: '\\.test\\.ts$|^src/resolve/(update-lock|read-inputs)(\\.ts$|/)',
      },
      to: { path: '^src/host/' },
    },
    {
      name: 'world-only-in-host',
      comment: 'files, programs and the network are reached through src/host',
      severity: 'error',
      from: {
        path: '^src/',
        pathNot: '\\.test\\.ts$|/testing(\\.ts|/)|^src/host/|^src/proof/|^src/main\\.ts$',
      },
      to: { path: worldly },
    },
    {
      name: 'proof-speaks-to-guests-only',
      comment: 'src/proof may use node:net and node:tls to speak to guests, nothing else of the world',
      severity: 'error',
      from: { path: '^src/proof/', pathNot: '\\.test\\.ts$|/testing(\\.ts|/)' },
      to: { path: worldly, pathNot: '^(node:)?(net|tls|https?)$' },
    },
    {
      name: 'test-parts-only-in-tests',
      comment: 'what serves tests stays out of the program',
      severity: 'error',
      from: { path: '^src/', pathNot: '\\.test\\.ts$|/testing(\\.ts|/)' },
      to: { path: '/testing(\\.ts$|/)|\\.test\\.ts$|^qemu-tests/|^scripts/' },
    },
    {
      name: 'no-circle',
      comment: 'modules must not import each other in a circle',
      severity: 'error',
      from: { path: '^src/' },
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'resolvable',
      comment: 'an import names something that exists',
      severity: 'error',
      from: { path: '^src/' },
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.js', '.mjs', '.cjs', '.json'],
    },
  },
}
