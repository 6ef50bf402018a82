import { keysInOrder } from '../../rpc/jencode/key-order.ts'
import { Float, PlainDate } from '../../service/wire-values.ts'

/**
 * A value for people: a text as it is; anything else as JSON, in which numbers have all their digits and times, days and
 * bytes are texts.
 */
export const valueText = (value: unknown): string => (typeof value === 'string' ? value : lines(value, ''))

function lines(value: unknown, indent: string): string {
  if (Array.isArray(value))
    return block(
      '[',
      ']',
      value.map((item) => lines(item, `${indent}  `)),
      indent,
    )
  if (value instanceof Float) return Number.isInteger(Number(value)) ? `${value}.0` : String(value)
  if (value instanceof Date) return JSON.stringify(value.toISOString().replace('.000Z', 'Z'))
  if (value instanceof PlainDate) return JSON.stringify(value.toString())
  if (value instanceof Uint8Array) return JSON.stringify(Buffer.from(value).toString('base64'))
  if (typeof value === 'number' || typeof value === 'bigint') return String(value)
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null)
  const fields = keysInOrder(value).map((key) => {
    const item = (value as Record<string, unknown>)[key]
    return `${JSON.stringify(key)}: ${lines(item, `${indent}  `)}`
  })
  return block('{', '}', fields, indent)
}

function block(open: string, close: string, items: readonly string[], indent: string): string {
  if (items.length === 0) return open + close
  return `${open}\n${items.map((item) => `${indent}  ${item}`).join(',\n')}\n${indent}${close}`
}
