import { z } from 'zod'

// What the schemas of the admin API are made of.

export const time = z.iso.datetime().describe('ISO 8601, UTC')
export const maybe = <T extends z.ZodType>(schema: T) => z.exactOptional(schema)
export const list = <T extends z.ZodType>(schema: T) => z.array(schema).readonly()
