import { defineConfig } from 'vitest/config'

export default defineConfig({
  ssr: { resolve: { conditions: ['source'] } },
  test: {
    include: ['test/**/*.test.ts'],
    // Instances and commands are processes of their own and run the built program, as they do in the field.
    globalSetup: ['test/support/build.ts'],
    // Most of the time tests wait for processes to start: one more than the two cores this is made for.
    maxWorkers: 3,
    testTimeout: 20_000,
    hookTimeout: 30_000,
  },
})
