import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

/** What only the grid tools of the machine can show: `npm run test:grid` installs them and runs this. */
export default defineConfig({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  ssr: { resolve: { conditions: ['source'] } },
  test: {
    include: ['test/grid/**/*.grid.ts'],
    globalSetup: ['test/support/build.ts'],
    testTimeout: 60_000,
    hookTimeout: 180_000,
  },
})
