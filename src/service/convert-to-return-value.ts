import { isReturnStructure, type ReturnStructure, S_ERROR, S_OK } from './return-structure.ts'

type Method = (this: never, ...args: never[]) => unknown

/**
 * A method that always answers with a return structure: what it returns becomes S_OK, what it throws S_ERROR. What is one
 * already stays as it is. A decorator of both kinds that TypeScript knows, or called: `convertToReturnValue(method)`.
 */
export function convertToReturnValue(method: unknown, _context?: unknown, property?: PropertyDescriptor): unknown {
  if (property === undefined) return converted(method as Method)
  property.value = converted(property.value as Method)
  return property
}

function converted(method: Method): Method {
  const wrapper = function (this: never, ...args: never[]): unknown {
    try {
      const value = method.apply(this, args)
      return value instanceof Promise ? value.then(asStructure, failed) : asStructure(value)
    } catch (error) {
      return failed(error)
    }
  }
  // Its rule, if it has one.
  return Object.assign(wrapper, method)
}

const asStructure = (value: unknown): ReturnStructure => (isReturnStructure(value) ? value : S_OK(value ?? null))

/** As Python shows an exception: `RuntimeError('converted')`. */
function failed(error: unknown): ReturnStructure {
  if (error instanceof Error) return S_ERROR(`${error.name}('${error.message}')`)
  return S_ERROR(String(error))
}
