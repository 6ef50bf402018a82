import { createRequire } from 'node:module'

/** The compiled entry of the instance side. */
export const instanceEntry = createRequire(import.meta.url).resolve('#instance')
