import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { layOutDeployment } from '../../src/archive/lay-out-deployment.ts'
import { echoFiles, type Files, makeGar, makeServiceArchive, profileText } from '../support/archives.ts'
import { folderForAll, readBytes } from '../support/read.ts'

const folder = folderForAll()
let count = 0

async function laidOut(name: string, bytes: Buffer): Promise<string> {
  count += 1
  const target = join(folder, `deployment-${count}`)
  await layOutDeployment(await readBytes(folder, name, bytes), target)
  return target
}
const ofGar = (files: Files): Promise<string> => laidOut('echo.gar', makeGar(files))
const filesIn = (target: string): string[] =>
  readdirSync(target, { recursive: true, encoding: 'utf8' })
    .filter((path) => statSync(join(target, path)).isFile())
    .sort()
const text = (...path: string[]): string => readFileSync(join(...path), 'utf8')

describe('the folders of a deployment', () => {
  it('are those that GT4 makes of a GAR, of this GAR alone', async () => {
    const target = await ofGar({
      ...echoFiles,
      'etc/deploy-jndi-config.xml': '<jndiConfig xmlns="http://wsrf.globus.org/jndi/config"/>',
      'etc/settings/echo.properties': 'x=@gar.id@',
      'schema/samples/echo.wsdl': '<definitions/>',
      'share/data.txt': 'data',
      'docs/README': 'read me',
      'bin/tool': 'not installed',
      'META-INF/MANIFEST.MF': '',
    })
    expect(filesIn(target)).toEqual([
      'docs/echo/README',
      'etc/echo/deploy-jndi-config.xml',
      'etc/echo/deploy-server.wsdd',
      'etc/echo/deploy-server.wsdd_NOSEC',
      'etc/echo/jndi-config.xml',
      'etc/echo/security_descriptor.xml',
      'etc/echo/server-config.wsdd',
      'etc/echo/server-config.wsdd_NOSEC',
      'etc/echo/settings/echo.properties',
      'lib/samples/Echo.js',
      'share/echo/data.txt',
      'share/schema/samples/echo.wsdl',
    ])
    expect(text(target, 'etc/echo/settings/echo.properties')).toBe('x=@gar.id@')
  })

  it('have the live descriptors filled and closed to others, and the raw ones as they were', async () => {
    const target = await ofGar(echoFiles)
    const live = text(target, 'etc/echo/server-config.wsdd')
    expect(live).toContain('value="etc/echo/security_descriptor.xml"')
    expect(text(target, 'etc/echo/deploy-server.wsdd')).toBe(echoFiles['etc/deploy-server.wsdd'])
    for (const name of ['server-config.wsdd', 'server-config.wsdd_NOSEC']) {
      expect(statSync(join(target, 'etc/echo', name)).mode & 0o777).toBe(0o600)
    }
  })

  it('take the root descriptors of GT4 for the live ones', async () => {
    const target = await ofGar({
      'lib/samples/Echo.js': '',
      'server-deploy.wsdd': echoFiles['etc/deploy-server.wsdd'] as string,
      'etc/deploy-server.wsdd': echoFiles['etc/deploy-server.wsdd_NOSEC'] as string,
    })
    expect(text(target, 'etc/echo/server-config.wsdd')).toContain('securityDescriptor')
    expect(existsSync(join(target, 'etc/echo/server-config.wsdd_NOSEC'))).toBe(false)
  })

  it('never have a live descriptor that the archive brought under that name', async () => {
    const { 'etc/deploy-server.wsdd': _, ...onlyOpen } = echoFiles
    const target = await ofGar({
      ...onlyOpen,
      'etc/server-config.wsdd': 'smuggled',
      'etc/jndi-config.xml/x': 'smuggled',
      'etc/server-config.wsdd_NOSEC': 'smuggled',
    })
    expect(filesIn(join(target, 'etc/echo'))).toEqual([
      'deploy-server.wsdd_NOSEC',
      'security_descriptor.xml',
      'server-config.wsdd_NOSEC',
    ])
    expect(text(target, 'etc/echo/server-config.wsdd_NOSEC')).toContain('Samples/Echo')
  })

  it('are etc alone for a GAR without anything else', async () => {
    const target = await ofGar({ 'server-deploy.wsdd': echoFiles['etc/deploy-server.wsdd'] as string })
    expect(filesIn(target)).toEqual(['etc/echo/server-config.wsdd'])
  })

  it('are not made of files with the names of folders', async () => {
    const target = await ofGar({ ...echoFiles, share: 'a file', docs: 'a file' })
    expect(readdirSync(target).sort()).toEqual(['etc', 'lib'])
  })

  it('keep the encoding that a descriptor says it is in', async () => {
    const wide = `<?xml version="1.0" encoding="UTF-16"?>${(echoFiles['etc/deploy-server.wsdd_NOSEC'] as string).replace(/^<\?xml.*\?>/, '')}`
    const target = await ofGar({
      ...echoFiles,
      'etc/deploy-server.wsdd_NOSEC': Buffer.from(`\ufeff${wide}`, 'utf16le'),
    })
    expect(readFileSync(join(target, 'etc/echo/server-config.wsdd_NOSEC'), 'utf16le')).toBe(`\ufeff${wide}`)
  })

  it('have the profile of the service archive beside the descriptors', async () => {
    const gar = makeGar({ ...echoFiles, 'etc/profile.xml': '<other/>' })
    const profile = profileText({ packages: [{ name: 'main', gar: 'echo.gar' }] })
    const target = await laidOut('echo.tar.gz', makeServiceArchive(profile, { main: { 'echo.gar': gar } }))
    expect(text(target, 'etc/echo/profile.xml')).toBe(profile)
  })

  it('hold the profile alone for an archive of Software packages', async () => {
    const profile = profileText({ packages: [{ name: 'stubs', files: ['x'] }] })
    const target = await laidOut('stubs-1.0.tar.gz', makeServiceArchive(profile, { stubs: { x: '' } }))
    expect(filesIn(target)).toEqual(['etc/stubs-1.0/profile.xml'])
  })
})
