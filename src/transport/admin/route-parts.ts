import { z } from 'zod'
import type { Answer } from './route.ts'

// What the routes of the admin API are made of.

/** A query field that is `true` or `false`. */
export const flag = (text: string) =>
  z
    .enum(['true', 'false'])
    .default('false')
    .transform((value) => value === 'true')
    .describe(text)

export const count = z
  .string()
  .regex(/^\d{1,9}$/, 'must be a whole number')
  .transform(Number)

export const nothing = z.strictObject({})

export const value = (status: 200 | 202, of: unknown): Answer => ({ status, value: of })
