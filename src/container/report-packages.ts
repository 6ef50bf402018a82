import type { ErrorData } from '../service/errors.ts'
import type { Manifest } from './manifest.ts'
import type { ReportedPackage, RunningOperation } from './operation.ts'
import type { Plan } from './views.ts'

/** The packages of an archive as a report names them: the main one first, then those it carries. */
export function packagesOf(manifest: Manifest): readonly ReportedPackage[] {
  const { serviceClass = '', serviceName = '', mainPackage } = manifest.service ?? {}
  const service = { serviceClass, serviceName, serviceVersion: manifest.version, status: 'WAITING' } as const
  const carried = manifest.carries.map(({ package: name, version }) => ({
    ...service,
    packageName: packageNameOf(name, manifest),
    packageVersion: version,
  }))
  const hasService = manifest.services.secure !== undefined || manifest.services.open !== undefined
  if (!hasService) return carried
  const main = { name: mainPackage?.name ?? manifest.garId, version: mainPackage?.version ?? manifest.version }
  return [{ ...service, packageName: main.name, packageVersion: main.version }, ...carried]
}

/** `Samples/Counter/counter-stubs` without the service, whose names may hold anything. */
function packageNameOf(key: string, { service }: Manifest): string {
  return key.slice(`${service?.serviceClass ?? ''}/${service?.serviceName ?? ''}/`.length)
}

/** Sets the status of the main package, or of an archive without one, nothing. */
export function setMain(
  operation: RunningOperation,
  manifest: Manifest,
  status: ReportedPackage['status'],
  message?: string,
): void {
  operation.setStatus(status, (one) => isMain(one, manifest), message)
}

/** What became of the packages that the archive carries, as the plan said. */
export function setCarried(operation: RunningOperation, manifest: Manifest, plan: Plan): void {
  const statuses = { add: 'DEPLOYED', replace: 'UPDATED', keep: 'ALREADYDEPLOYED', remove: 'UNDEPLOYED' } as const
  for (const { package: key, version, action } of plan.stubs) {
    const name = packageNameOf(key, manifest)
    operation.setStatus(
      statuses[action],
      (one) => !isMain(one, manifest) && one.packageName === name && one.packageVersion === version,
    )
  }
}

/** The main package failed, and with it what it carries; an archive without one failed whole. */
export function setFailed(operation: RunningOperation, manifest: Manifest, { code, message }: ErrorData): void {
  const hasMain = operation.report.packages.some((one) => isMain(one, manifest))
  const failed = code === 'DHN_REQUIREMENTS_UNMET' ? 'NOTVERIFIED' : 'FAILED'
  operation.setStatus(failed, (one) => !hasMain || isMain(one, manifest), message)
  if (hasMain) operation.setStatus('SKIPPED', (one) => !isMain(one, manifest))
}

function isMain(one: ReportedPackage, manifest: Manifest): boolean {
  return !manifest.carries.some(
    ({ package: key, version }) => packageNameOf(key, manifest) === one.packageName && version === one.packageVersion,
  )
}
