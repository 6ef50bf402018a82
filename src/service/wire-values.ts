import { DhnError } from './errors.ts'

// Values that JavaScript has no type for and DIRAC's wire has (dirac-https.md 2).

/**
 * A number that is a floating-point number to its reader even when it has no fraction: 1.0 and 1 are of different types
 * to a DIRAC peer. Calculate with it as with any number; arguments such as `1.0` arrive so, `1` and `1.5` as numbers.
 */
export class Float extends Number {}

/** A day without a time. */
export class PlainDate {
  /** Year 1 to 9999, month and day from 1. */
  constructor(
    readonly year: number,
    readonly month: number,
    readonly day: number,
  ) {}

  /** `YYYY-MM-DD`. */
  toString(): string {
    const two = (value: number): string => String(value).padStart(2, '0')
    return `${String(this.year).padStart(4, '0')}-${two(this.month)}-${two(this.day)}`
  }

  toJSON(): string {
    return this.toString()
  }
}

/** How objects of one class travel: the Python module its peers find it in, and the attributes that are sent. */
export interface SerializableOptions {
  readonly module: string
  readonly attributes: readonly string[]
}

interface SerializableClass extends SerializableOptions {
  readonly name: string
  // biome-ignore lint/suspicious/noExplicitAny: any class that is made without arguments
  readonly make: new () => any
}

const byName = new Map<string, SerializableClass>()
const byClass = new Map<unknown, SerializableClass>()

/**
 * Lets objects of a class travel as themselves, as DIRAC's JSerializable does. Only registered classes are read.
 *
 * The class is made without arguments and its attributes are set; attributes that are null or undefined are left out.
 *
 * @throws {ClassRegistered} another class of that name is registered already
 */
// biome-ignore lint/suspicious/noExplicitAny: any class that is made without arguments
export function registerSerializable(make: new () => any, options: SerializableOptions): void {
  const known = byName.get(make.name)
  if (known !== undefined && known.make !== make) throw new ClassRegistered(make.name)
  const entry = { ...options, name: make.name, make }
  byName.set(make.name, entry)
  byClass.set(make, entry)
}

/** The registered class of that name, as the wire has it. */
export function serializableNamed(name: string): SerializableClass | undefined {
  return byName.get(name)
}

/** The registered class that an object was made of. */
export function serializableOf(value: object): SerializableClass | undefined {
  return byClass.size === 0 ? undefined : byClass.get(value.constructor)
}

/** Two classes of one name can't be told apart on the wire. */
export class ClassRegistered extends DhnError {
  readonly code = 'DHN_CLASS_REGISTERED'
  constructor(readonly className: string) {
    super(`another class named ${className} is registered to travel already`, {
      next: 'Give the class another name: the wire tells classes apart by name.',
    })
  }
}
