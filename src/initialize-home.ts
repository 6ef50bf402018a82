import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { DhnError } from './service/errors.ts'
import { Home } from './store/home.ts'
import { isHostName } from './transport/configuration.ts'

/** The name given for this machine isn't one. */
export class HostNameInvalid extends DhnError {
  readonly code = 'DHN_HOST_NAME_INVALID'
  constructor(readonly host: string) {
    super(`${JSON.stringify(host)} is not a host name`, { next: 'give the name or address by which clients reach it' })
  }
}

/** One of the host's certificate and key is there and the other isn't. */
export class HostCredentialsIncomplete extends DhnError {
  readonly code = 'DHN_HOST_CREDENTIALS_INCOMPLETE'
  constructor(
    readonly present: string,
    readonly missing: string,
  ) {
    super(`there is ${present} but no ${missing}`, {
      next: `put ${missing} there, or remove ${present} and run dhn init again for a pair that it makes`,
    })
  }
}

/** The files that a new home begins with, as they are in this package. */
const templates = fileURLToPath(new URL('../etc', import.meta.url))

/**
 * Makes the home of a node at `root`, or what is missing of it: folders, a commented `etc/dhn.cfg`, the folder of the
 * node manager, and a host certificate of a throw-away CA. Nothing that is there is written over; resolves with the files
 * that were made.
 *
 * @throws {HostNameInvalid}
 * @throws {HostCredentialsIncomplete} nothing was made of the certificate; the rest of the home is there
 */
export async function initializeHome(
  root: string,
  { hostName = 'localhost' }: { readonly hostName?: string } = {},
): Promise<{ readonly created: readonly string[] }> {
  if (!isHostName(hostName)) throw new HostNameInvalid(hostName)
  const home = new Home(resolve(root))
  const managerFolder = home.etc('org_diligentproject_keeperservice_hnm')
  for (const folder of [
    home.etc('credentials'),
    join(managerFolder, 'VOMaps'),
    home.deployments(),
    home.stubs(),
    home.archives(),
    home.log(),
    home.run(),
  ]) {
    await mkdir(folder, { recursive: true })
  }
  // Only their owner talks to the node and hands credentials to services.
  for (const folder of [home.run(), home.etc('credentials')]) await chmod(folder, 0o700)

  const created: string[] = []
  for (const name of await readdir(templates, { recursive: true })) {
    const template = join(templates, name)
    if (!(await stat(template)).isFile()) continue
    const text = (await readFile(template, 'utf8')).replaceAll('@host@', hostName)
    await writeNew(home.etc(name), text, 0o644, created)
  }
  await makeHostCredentials(home.etc('grid-security'), hostName, created)
  return { created }
}

async function makeHostCredentials(folder: string, hostName: string, created: string[]): Promise<void> {
  const certificate = join(folder, 'hostcert.pem')
  const key = join(folder, 'hostkey.pem')
  const certificates = join(folder, 'certificates')
  await mkdir(certificates, { recursive: true })
  const [hasCertificate, hasKey] = await Promise.all([isThere(certificate), isThere(key)])
  if (hasCertificate && hasKey) return
  if (hasCertificate) throw new HostCredentialsIncomplete(certificate, key)
  if (hasKey) throw new HostCredentialsIncomplete(key, certificate)

  const { makeThrowAwayCredentials } = await import('./security/throw-away-ca.ts')
  const made = await makeThrowAwayCredentials(hostName)
  await writeNew(join(certificates, `${made.ca.hash}.0`), made.ca.certificate, 0o644, created)
  await writeNew(join(certificates, `${made.ca.hash}.signing_policy`), made.ca.signingPolicy, 0o644, created)
  await writeNew(join(certificates, `${made.ca.hash}.r0`), made.ca.crl, 0o644, created)
  await writeNew(key, made.key, 0o600, created)
  await writeNew(certificate, made.certificate, 0o644, created)
}

async function writeNew(file: string, text: string, mode: number, created: string[]): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  try {
    await writeFile(file, text, { flag: 'wx', mode })
    created.push(file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}

const isThere = (file: string): Promise<boolean> =>
  stat(file).then(
    () => true,
    () => false,
  )
