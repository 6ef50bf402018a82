import type { Problem } from './problem.ts'

/**
 * A JNDI configuration (`jndi-config.xml`) as Java WS Core reads it.
 *
 * @see docs/archive.md, and gcube.md 2.2 for the source of each field
 */
export interface JndiConfig {
  readonly global: JndiContext
  /** By service name as written; a JNDI service need not match a WSDD service. */
  readonly services: ReadonlyMap<string, JndiContext>
  readonly problems: readonly Problem[]
}

export interface JndiContext {
  readonly environments: readonly JndiEnvironment[]
  readonly resources: readonly JndiResource[]
  readonly links: readonly JndiResourceLink[]
}

export interface JndiEnvironment {
  readonly name: string
  /** The Java class named, such as `java.lang.Integer`. */
  readonly type: string
  /** The text, trimmed. */
  readonly text: string
  /** The text as its type says; a Long out of JavaScript's exact range is a bigint. */
  readonly value: string | number | bigint | boolean
  readonly override: boolean
}

export interface JndiResource {
  readonly name: string
  readonly type: string
  readonly parameters: ReadonlyMap<string, string>
}

export interface JndiResourceLink {
  readonly name: string
  /** A name such as `java:comp/env/services/X/home`. */
  readonly target: string
}
