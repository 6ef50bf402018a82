import { DhnError } from '../service/errors.ts'
import type { Mode } from './archive.ts'

export class ArchiveNotFound extends DhnError {
  readonly code = 'DHN_ARCHIVE_NOT_FOUND'
  constructor(readonly path: string) {
    super(`there is no archive file at ${path}`, { next: 'check the path' })
  }
}

/** The first bytes are neither those of a zip nor of a gzip file. */
export class ArchiveFormatUnknown extends DhnError {
  readonly code = 'DHN_ARCHIVE_FORMAT'
  constructor(
    readonly archive: string,
    /** What it looks like, in a few words. */
    readonly found: string,
  ) {
    super(`${archive} is ${found}, not a zip or a gzipped tar`, {
      next: 'make a GAR (zip or tar.gz) or a service archive (tar.gz) of it',
    })
  }
}

/** The name that the archive gives its deployment can't be the name of a folder. */
export class ArchiveNameInvalid extends DhnError {
  readonly code = 'DHN_ARCHIVE_NAME'
  constructor(readonly archive: string) {
    super(`"${archive}" makes no GAR ID: it names folders of this node`, {
      next: 'rename it: letters, digits, ".", "_", "+" and "-", not first a "." or "-", 200 at most; not "schema" or "node_modules"',
    })
  }
}

/** It is a GAR by what is in it, but its name doesn't end in `.gar`. */
export class GarMisnamed extends DhnError {
  readonly code = 'DHN_GAR_MISNAMED'
  constructor(
    readonly archive: string,
    cause: string,
  ) {
    super(`${archive} ${cause}, but is not named .gar`, {
      next: 'if it is a GAR, rename it to <GAR ID>.gar: its name is the GAR ID. A service archive is a tar.gz',
    })
  }
}

/** It was packed from outside: everything in it lies in one folder. */
export class ArchiveTopFolder extends DhnError {
  readonly code = 'DHN_ARCHIVE_TOP_FOLDER'
  constructor(
    readonly archive: string,
    readonly folder: string,
  ) {
    super(`everything in ${archive} lies in one folder, ${folder}/, instead of at its root`, {
      next: `pack it from inside that folder: tar -czf <archive> -C ${folder} .`,
    })
  }
}

export class ProfileMissing extends DhnError {
  readonly code = 'DHN_PROFILE_MISSING'
  constructor(readonly archive: string) {
    super(`${archive} has no profile.xml at its root`, {
      next: 'add the service profile to the service archive, or name a GAR <GAR ID>.gar',
    })
  }
}

/** A GAR without a descriptor: it deploys nothing in either mode. */
export class WsddMissing extends DhnError {
  readonly code = 'DHN_WSDD_MISSING'
  constructor(
    readonly garId: string,
    readonly holdsProfile: boolean,
  ) {
    super(`the GAR ${garId} has no server-deploy.wsdd at its root and no etc/deploy-server.wsdd or its _NOSEC form`, {
      next: holdsProfile
        ? 'it has a profile.xml at its root: if it is a service archive, name it .tar.gz'
        : 'add etc/deploy-server.wsdd (secure), etc/deploy-server.wsdd_NOSEC (open), or both',
    })
  }
}

/** The GAR has a descriptor, but none for the mode that was asked for; the other one is never taken in its place. */
export class DescriptorMissing extends DhnError {
  readonly code = 'DHN_DESCRIPTOR_MISSING'
  constructor(
    readonly garId: string,
    readonly mode: Mode,
  ) {
    super(
      mode === 'secure'
        ? `the GAR ${garId} has no server-deploy.wsdd and no etc/deploy-server.wsdd: it can't be deployed secure`
        : `the GAR ${garId} has no etc/deploy-server.wsdd_NOSEC: it can't be deployed open`,
      {
        next:
          mode === 'secure'
            ? 'deploy it open, with --nosec, if nothing in it needs protection; or add etc/deploy-server.wsdd'
            : 'deploy it secure, without --nosec; or add etc/deploy-server.wsdd_NOSEC',
      },
    )
  }
}

/** The archive is in order, but the file system did not take it. */
export class ArchiveNotUnpacked extends DhnError {
  readonly code = 'DHN_ARCHIVE_NOT_UNPACKED'
  constructor(
    /** The system's name of the error, such as `ENOSPC`. */
    readonly errno: string,
    cause: unknown,
  ) {
    super(`the archive can't be unpacked: ${cause instanceof Error ? cause.message : errno}`, {
      next: errno === 'ENOSPC' ? 'free some space, then repeat' : 'look at the staging folder, then repeat',
      cause,
    })
  }
}

/** A security descriptor protects a method that the service, now that it runs, turns out not to have. */
export class SecurityMethodUnknown extends DhnError {
  readonly code = 'DHN_SECURITY_METHOD_UNKNOWN'
  constructor(
    readonly service: string,
    readonly methods: readonly string[],
    readonly file: string,
  ) {
    super(`${file} protects ${methods.join(', ')}, which the service ${service} doesn't have`, {
      next: 'correct the names of the methods in the security descriptor, or take them out',
    })
  }
}
