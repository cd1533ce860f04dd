import { defineConfig } from 'vitest/config'

// vitest's own second is too short on a busy machine; none waits when all is well.
const expect = { poll: { timeout: 30_000 } }

/** `unit` runs anywhere in seconds; `integration` runs real mkfs, apt and dpkg; boots are under qemu-tests. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['src/**/*.test.ts', 'scripts/**/*.test.ts', 'qemu-tests/**/*.test.ts'],
          // Scripts of the node start some hundred small programs in a test, which takes long on a busy machine.
          testTimeout: 60_000,
          // Keys of a whole cluster are made in one.
          hookTimeout: 60_000,
          expect,
          exclude: ['**/*.integration.test.ts', '**/*.boot.test.ts', '**/node_modules/**', '**/dist/**'],
        },
      },
      {
        test: {
          name: 'integration',
          include: ['src/**/*.integration.test.ts', 'qemu-tests/**/*.integration.test.ts'],
          testTimeout: 900_000,
          expect,
          hookTimeout: 900_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'boot',
          include: ['qemu-tests/**/*.boot.test.ts'],
          testTimeout: 1_800_000,
          expect,
          hookTimeout: 1_800_000,
          fileParallelism: false,
        },
      },
    ],
  },
})
