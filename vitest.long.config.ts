import { defineConfig } from 'vitest/config'
import fast from './vitest.config.ts'

/** `npm run test:long`: what takes too long for each change, such as fuzzing and hostile services. */
export default defineConfig({ ...fast, test: { ...fast.test, include: ['test/**/*.long.ts'] } })
