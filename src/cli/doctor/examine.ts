import { existsSync } from 'node:fs'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DhnError, errorAsData } from '../../service/errors.ts'
import { Home } from '../../store/home.ts'
import { lockHome } from '../../store/lock.ts'
import { Store } from '../../store/store.ts'
import { HomeLocked } from '../../store/store-errors.ts'
import { NodeNotRunning } from '../errors.ts'
import type { NodeClient } from '../node-client.ts'
import type { Doors, Roof } from '../roof.ts'
import { checkCertificate } from './check-certificate.ts'
import { checkDeployments } from './check-deployments.ts'
import { checkFronts } from './check-fronts.ts'
import { checkHome, checkStaging } from './check-home.ts'
import { checkIsolation } from './check-isolation.ts'
import { checkDisk, checkNodeVersion } from './check-machine.ts'
import { checkPorts } from './check-ports.ts'
import { checkRules, checkTrust } from './check-trust.ts'
import { type Check, type Finding, fail, ok, type Patient, warn } from './finding.ts'

const checks: readonly Check[] = [
  checkNodeVersion,
  checkHome,
  checkCertificate,
  checkTrust,
  checkPorts,
  checkFronts,
  checkDisk,
  checkStaging,
  checkDeployments,
  checkRules,
  checkIsolation,
]

/** Looks a node and its home over. The home of a node that doesn't run is locked meanwhile; nothing is changed. */
export async function examine(root: string, client: NodeClient, roof: Roof): Promise<readonly Finding[]> {
  const home = new Home(root)
  if (!existsSync(home.etc('dhn.cfg'))) throw new NodeNotRunning(root, existsSync(home.etc()))
  const configuration = await doorsOf(roof, root)
  const state = await stateOf(home, client)
  const patient: Patient = {
    home,
    doors: configuration.doors,
    node: state.node,
    deployed: state.deployed,
    now: Date.now(),
  }
  const findings = [...configuration.findings, ...state.findings]
  for (const check of checks) findings.push(...(await check(patient)))
  return findings
}

async function doorsOf(roof: Roof, home: string): Promise<{ doors: Doors | undefined; findings: Finding[] }> {
  try {
    return { doors: await roof.doors(home), findings: [ok('configuration', 'etc/dhn.cfg is in order')] }
  } catch (error) {
    return { doors: undefined, findings: [asFinding('configuration', error)] }
  }
}

type State = Pick<Patient, 'node' | 'deployed'> & { readonly findings: readonly Finding[] }

async function stateOf(home: Home, client: NodeClient): Promise<State> {
  try {
    const node = await client.view(5000)
    const deployed = await client.list()
    return { node, deployed, findings: [ok('process', `process ${node.pid} is ${node.state}`)] }
  } catch (error) {
    if (!(error instanceof NodeNotRunning)) {
      return { node: undefined, deployed: undefined, findings: [asFinding('process', error)] }
    }
  }
  try {
    const lock = await lockHome(home)
    try {
      return { node: undefined, ...(await storeOf(home)) }
    } finally {
      await lock.release()
    }
  } catch (error) {
    const finding =
      error instanceof HomeLocked
        ? fail(
            'process',
            `process ${error.pid} has the home and doesn't answer`,
            `wait if it is starting; else end it: kill ${error.pid}`,
          )
        : asFinding('process', error)
    return { node: undefined, deployed: undefined, findings: [finding] }
  }
}

/** Reads a copy of the store: opening it notes the version of Node that did. */
async function storeOf(home: Home): Promise<Pick<State, 'deployed' | 'findings'>> {
  const notRunning = ok('process', 'no node runs')
  if (!existsSync(home.var('store'))) {
    return { deployed: [], findings: [notRunning, ok('store', 'none yet: the first start makes it')] }
  }
  const copy = await mkdtemp(join(tmpdir(), 'dhn-doctor-'))
  try {
    await cp(home.var('store'), copy, { recursive: true })
    const store = await Store.open(copy)
    const { before } = store
    const deployed = store.deployments()
    await store.close()
    return { deployed, findings: [notRunning, storeFinding(before?.node)] }
  } catch (error) {
    return { deployed: undefined, findings: [notRunning, asFinding('store', error)] }
  } finally {
    await rm(copy, { recursive: true, force: true })
  }
}

const storeFinding = (writtenBy: string | undefined): Finding =>
  writtenBy === undefined
    ? ok('store', 'can be read')
    : warn(
        'store',
        `last used with Node ${writtenBy}, this is ${process.version}`,
        'if that was not meant, start it with that one again',
      )

function asFinding(check: string, error: unknown): Finding {
  const { message, next } = errorAsData(error)
  return fail(check, message, next ?? (error instanceof DhnError ? 'see docs/errors.md' : 'look at the file system'))
}
