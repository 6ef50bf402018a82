import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

/** Hostile and slow HTTP against a whole node, alone and behind reverse proxies: `npm run test:http` installs those and runs this. */
export default defineConfig({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  ssr: { resolve: { conditions: ['source'] } },
  test: {
    include: ['test/http/**/*.http.ts'],
    globalSetup: ['test/support/build.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    fileParallelism: false,
    maxConcurrency: 20,
  },
})
