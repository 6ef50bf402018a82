import type { Message } from 'esbuild'
import { DhnError } from '../../service/errors.ts'

/** What is to be packed isn't a folder with a service in it. */
export class NotAService extends DhnError {
  readonly code = 'DHN_PACK_NOT_A_SERVICE'
  constructor(
    readonly folder: string,
    missing: string,
    next = 'see what belongs where: dhn new example, docs/service.md',
  ) {
    super(`${folder} can't be packed: ${missing}`, { next })
  }
}

/** A descriptor names a class for which there is no source. */
export class ClassSourceMissing extends DhnError {
  readonly code = 'DHN_PACK_CLASS_MISSING'
  constructor(
    readonly className: string,
    readonly file: string,
  ) {
    super(`the descriptors name the class ${className} and there is no ${file}`, {
      next: 'write it there, or correct className in etc/deploy-server.wsdd and etc/deploy-server.wsdd_NOSEC',
    })
  }
}

/** The bundler refused a source. */
export class BundleFailed extends DhnError {
  readonly code = 'DHN_PACK_BUNDLE_FAILED'
  /** `src/a.ts:3:8: Could not resolve "x"`, a line for each. */
  readonly errors: readonly string[]

  constructor(messages: readonly Message[], cause: unknown) {
    const errors = messages.map(({ text, location }) =>
      location === null ? text : `${location.file}:${location.line}:${location.column}: ${text}`,
    )
    super(errors[0] ?? `the bundler failed: ${(cause as Error).message}`, {
      next: /Could not resolve/.test(errors[0] ?? '')
        ? 'install the package in the service, or, when it is a stubs package, name it as a dependency of a package in the profile'
        : 'correct it; `tsc --noEmit` in the service shows more',
      cause,
    })
    this.errors = errors
  }
}

/** The profile names a package or a file that the folder doesn't have. */
export class PackageContentMissing extends DhnError {
  readonly code = 'DHN_PACK_CONTENT_MISSING'
  constructor(
    readonly package_: string,
    what: string,
    next: string,
  ) {
    super(`the profile names the package ${package_}, and ${what}`, { next })
  }
}

/** What was packed would be refused by a node. */
export class PackedArchiveRefused extends DhnError {
  readonly code = 'DHN_PACK_REFUSED'
  constructor(
    readonly archive: string,
    readonly problems: readonly string[],
  ) {
    super(`${archive} would be refused by a node: ${problems[0] ?? ''}`, {
      next: 'correct it and pack again; what was packed before is still there',
    })
  }
}
