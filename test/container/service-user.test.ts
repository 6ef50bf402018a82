import { chmodSync, existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { findServiceUser } from '../../src/isolate/service-user.ts'
import { Home } from '../../src/store/home.ts'
import { startNode } from '../support/node.ts'
import { temporaryFolder } from '../support/temporary.ts'

const nobody = { uid: 65534, gid: 65534 }
const asRoot = process.getuid?.() === 0
/** Whether another user can get to the program: a clone below root's own home lies where nobody else may go. */
const passable = ((): boolean => {
  for (let folder = fileURLToPath(new URL('../..', import.meta.url)); ; folder = dirname(folder)) {
    if ((statSync(folder).mode & 0o001) === 0) return false
    if (folder === dirname(folder)) return true
  }
})()
const curious = `
  async export_read(path) { const { readFileSync } = await import('node:fs'); try { return S_OK(readFileSync(path, 'utf8')) } catch (error) { return S_OK(error.code) } }
  async export_write(path) { const { writeFileSync } = await import('node:fs'); try { writeFileSync(path, 'x'); return S_OK('written') } catch (error) { return S_OK(error.code) } }
  export_who() { return S_OK([process.getuid(), process.getgid(), process.getgroups()]) }`
const service = {
  service: 'Test/Curious',
  body: `${curious} export_says() { return S_OK(says) }`,
  stubs: [{ name: 'curious-stubs', version: '1.0.0', text: "export const says = 'from the stubs'" }],
  needs: [{ package: 'Test/Curious/curious-stubs', version: '1.0.0' }],
  imports: "import { says } from 'curious-stubs'",
}
const path = '/Test/Curious'

describe('a user for services', () => {
  it('is found by name, by number, and as a pair of numbers', () => {
    expect(findServiceUser('nobody')).toEqual(nobody)
    expect(findServiceUser('65534')).toEqual(nobody)
    expect(findServiceUser('1234:567')).toEqual({ uid: 1234, gid: 567 })
    for (const none of ['', 'no-such-user', '-1', '12:', 'root:x']) expect(findServiceUser(none)).toBeUndefined()
  })

  if (asRoot && !passable) {
    it('is refused where the program itself lies in a folder that nobody else may enter', async () => {
      const home = new Home(join(temporaryFolder(), 'home'))
      chmodSync(dirname(home.root), 0o755)
      const node = await startNode({ home, config: { serviceUser: nobody } })
      expect(await node.deploy(service)).toMatchObject({
        outcome: 'failed',
        cause: { code: 'DHN_PLACE_USER_SHUT_OUT' },
      })
    })
  }

  if (asRoot && passable) {
    it('runs them, and is kept from the keys of the node', async () => {
      const home = new Home(join(temporaryFolder(), 'home'))
      chmodSync(dirname(home.root), 0o755)
      mkdirSync(home.root, { mode: 0o700 })
      const secrets = [
        'etc/grid-security/hostkey.pem',
        'etc/dhn.cfg',
        'var/store/x',
        'var/log/x.log',
        'run/x',
        'archives/x',
      ]
      for (const name of secrets) {
        const file = join(home.root, name)
        mkdirSync(dirname(file), { recursive: true })
        writeFileSync(file, 'secret', { mode: name.endsWith('hostkey.pem') ? 0o600 : 0o644 })
      }
      const node = await startNode({ home, config: { serviceUser: nobody } })
      expect(await node.deploy(service)).toMatchObject({ outcome: 'done' })
      expect((await node.call(path, 'who')).value).toEqual([nobody.uid, nobody.gid, [nobody.gid]])
      for (const name of secrets) {
        expect([name, (await node.call(path, 'read', join(home.root, name))).value]).toEqual([name, 'EACCES'])
      }
      expect((await node.call(path, 'read', 'etc/test_curious/server-config.wsdd_NOSEC')).value).toContain(
        'Test/Curious',
      )
      expect((await node.call(path, 'says')).value).toBe('from the stubs')
      expect((await node.call(path, 'write', 'lib/test/Service.js')).value).toBe('EACCES')
      expect((await node.call(path, 'write', join(home.var('state', 'test_curious'), 'x'))).value).toBe('written')
      expect(node.notes('test_curious')).toContain('ready 1')
      expect(statSync(home.root).mode & 0o777).toBe(0o701)
    })

    it('that can not get to its files is told which folder is in the way', async () => {
      const outside = temporaryFolder()
      const home = new Home(join(outside, 'home'))
      const node = await startNode({ home, config: { serviceUser: nobody } })
      expect(await node.deploy(service)).toMatchObject({
        outcome: 'failed',
        cause: { code: 'DHN_PLACE_USER_SHUT_OUT', facts: { uid: nobody.uid, folder: outside } },
      })
      expect(statSync(outside).mode & 0o777).toBe(0o700)
    })
  } else if (!asRoot) {
    it('can only be given by root: services do not start as the node instead', async () => {
      const node = await startNode({ config: { serviceUser: nobody } })
      expect(await node.deploy(service)).toMatchObject({ outcome: 'failed' })
      expect(existsSync(node.home.var('state', 'test_curious', 'notes'))).toBe(false)
    })
  }
})
