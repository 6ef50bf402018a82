import type { Problem } from '../archive/problem.ts'
import { DhnError } from '../service/errors.ts'

/** No GAR of this id is deployed here. */
export class DeploymentUnknown extends DhnError {
  readonly code = 'DHN_DEPLOYMENT_UNKNOWN'
  constructor(readonly garId: string) {
    super(`${garId} is not deployed here`, { next: 'see what is: dhn list' })
  }
}

/** A reader found problems of level error in the archive. */
export class ArchiveNotDeployable extends DhnError {
  readonly code = 'DHN_ARCHIVE_NOT_DEPLOYABLE'
  constructor(readonly problems: readonly Problem[]) {
    const [first] = problems
    const more = problems.length > 1 ? `, and ${problems.length - 1} more` : ''
    super(`${first?.file === undefined ? '' : `${first.file}: `}${first?.message}${more}`, {
      next: 'see all of them: dhn inspect <archive>',
    })
  }
}

/** A package that it needs is not here and doesn't come with it. */
export class StubsMissing extends DhnError {
  readonly code = 'DHN_STUBS_MISSING'
  constructor(
    readonly packageName: string,
    readonly version: string,
    readonly held: readonly string[],
  ) {
    const here = held.length === 0 ? 'no version of it is here' : `here is ${held.join(', ')}`
    super(`it needs ${packageName} ${version}, and ${here}`, {
      next: 'deploy the service archive that carries it first',
    })
  }
}

/** Two packages that it uses are imported under the same name. */
export class ImportNameTaken extends DhnError {
  readonly code = 'DHN_IMPORT_NAME_TAKEN'
  constructor(
    readonly importName: string,
    readonly packages: readonly string[],
  ) {
    super(`${packages.join(' and ')} are both imported as ${importName}`, {
      next: 'depend on one of them, or give one another name in its package.json',
    })
  }
}

/** The node isn't what the archive's packages require. */
export class RequirementsUnmet extends DhnError {
  readonly code = 'DHN_REQUIREMENTS_UNMET'
  constructor(readonly unmet: readonly string[]) {
    super(`this node does not meet: ${unmet.join('; ')}`, {
      next: 'deploy it on another node, or add the label to customDHNlabels.xml if the node does have it',
    })
  }
}

/** Services would wait for each other for ever. */
export class DependencyCycle extends DhnError {
  readonly code = 'DHN_DEPENDENCY_CYCLE'
  constructor(readonly cycle: readonly string[]) {
    super(`the services depend on each other in a circle: ${cycle.join(' > ')}`, {
      next: 'take one of these dependencies out of a profile',
    })
  }
}

/** Another deployment serves this address. */
export class AddressTaken extends DhnError {
  readonly code = 'DHN_ADDRESS_TAKEN'
  constructor(
    readonly address: string,
    readonly garId: string,
  ) {
    const isConfigured = garId.includes(':')
    super(`the address ${address} is served by ${garId}${isConfigured ? ', a service of the configuration' : ''}`, {
      next: isConfigured
        ? 'take its section out of the configuration and start the node again'
        : `undeploy ${garId} first, or name the WSDD service otherwise`,
    })
  }
}

/** Another deployment's running instance has this class and name. */
export class RiNameTaken extends DhnError {
  readonly code = 'DHN_RI_NAME_TAKEN'
  constructor(
    readonly serviceClass: string,
    readonly serviceName: string,
    readonly garId: string,
  ) {
    super(`${serviceClass}/${serviceName} is the running instance of ${garId}`, {
      next: `to replace it, deploy the archive under the name ${garId}; otherwise undeploy ${garId} first`,
    })
  }
}

/** The configuration asks for several places of a service that doesn't say it can run in several. */
export class NotStateless extends DhnError {
  readonly code = 'DHN_NOT_STATELESS'
  constructor(
    readonly garId: string,
    readonly instances: number,
  ) {
    super(`${garId} is to run ${instances} times, and its archive does not say that it is stateless`, {
      next: `take ${garId} out of /DHN/Instances/Of, or say <parameter name="stateless" value="true"/> in its WSDD if it is`,
    })
  }
}

/** No version before the live one has ever been ready. */
export class NoEarlierVersion extends DhnError {
  readonly code = 'DHN_NO_EARLIER_VERSION'
  constructor(readonly garId: string) {
    super(`no version of ${garId} before the live one has been ready`, {
      next: `see its versions: dhn history ${garId}`,
    })
  }
}
