import { defineConfig } from 'vitest/config'

/** `unit` runs anywhere in seconds; `integration` runs real mkfs, apt and dpkg; boots are under qemu-tests. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['src/**/*.test.ts', 'scripts/**/*.test.ts', 'qemu-tests/**/*.test.ts'],
          // Tests that start programs wait long on a busy machine; none waits when all is well.
          testTimeout: 30_000,
          exclude: ['**/*.integration.test.ts', '**/*.boot.test.ts', '**/node_modules/**', '**/dist/**'],
        },
      },
      {
        test: {
          name: 'integration',
          include: ['src/**/*.integration.test.ts', 'qemu-tests/**/*.integration.test.ts'],
          testTimeout: 900_000,
          hookTimeout: 900_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'boot',
          include: ['qemu-tests/**/*.boot.test.ts'],
          testTimeout: 1_800_000,
          hookTimeout: 1_800_000,
          fileParallelism: false,
        },
      },
    ],
  },
})
