import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { DeploymentView, InstanceView, NodeView, StubsView } from '../../src/container/views.ts'
import { dhn, root } from '../support/dhn.ts'
import { packedSamples, runningNode } from '../support/running-node.ts'
import { temporaryFolder } from '../support/temporary.ts'

const id = (sample: string): string => `org_diligentproject_samples_${sample}`

const node = runningNode()
const archives = packedSamples('echo', 'counter', 'tally')

const called = async (...words: string[]): Promise<unknown> => {
  const { stdout, stderr } = await node.dhn('call', ...words)
  if (stderr !== '') throw new Error(stderr)
  return JSON.parse(stdout)
}

/** The tests follow one node through its day, in this order. */
describe('the samples on a node, through the commands', () => {
  it('are planned, deployed and served', async () => {
    const planned = await node.dhn('deploy', archives.counter, '--nosec', '--dry-run')
    expect(planned).toMatchObject({ code: 1, stdout: expect.stringMatching(/^would change: deploy org_/) })
    for (const sample of ['echo', 'counter', 'tally'] as const) {
      const { code, stdout, stderr } = await node.dhn('deploy', archives[sample], '--nosec')
      expect(code, stderr).toBe(0)
      const name = `Samples/${sample.charAt(0).toUpperCase()}${sample.slice(1)}`
      expect(stdout.trimEnd().split('\n').at(-1)).toMatch(new RegExp(`^${name}  ready  http://localhost:\\d+/${name}$`))
    }
    const again = await node.dhn('deploy', archives.counter, '--nosec', '--dry-run')
    expect(again).toMatchObject({ code: 0, stdout: expect.stringMatching(/^nothing would change/) })
    expect((await node.json<DeploymentView[]>('list')).map(({ garId }) => garId)).toEqual(
      ['counter', 'echo', 'tally'].map(id),
    )
    expect((await node.json<NodeView>('status')).instances).toMatchObject({ ready: 3 })
  })

  it('echo answers over HTTPS and, being open, over HTTP', async () => {
    const { addresses } = await node.json<InstanceView>('ri', 'show', 'Samples/Echo')
    expect(addresses.map((address) => new URL(address).protocol)).toEqual(['https:', 'http:'])
    for (const address of addresses) expect(await called(address, 'echo', '["x",1]')).toEqual(['x', 1])
    expect((await node.dhn('call', 'Samples/Echo', 'reverse', 'stressed')).stdout).toBe('desserts\n')
  })

  it('counter counts in the steps of its settings, and refuses what is no number', async () => {
    expect(await called('Samples/Counter', 'add', '2')).toBe(2)
    expect(await called('Samples/Counter', 'add')).toBe(3)
    expect(await node.dhn('call', 'Samples/Counter', 'add', 'two')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('error: add takes a whole number'),
    })
    const shown = await node.dhn('ri', 'show', 'Samples/Counter')
    expect(shown.stdout).toMatch(/\| .* INFO {2}Samples\/Counter: counts from 0 in steps of 1/)
  })

  it('tally calls the counter through its stubs package', async () => {
    expect(await called('Samples/Tally', 'count', 'apples')).toEqual({ thing: 'apples', seen: 1, total: 4 })
    expect(await called('Samples/Tally', 'count', 'apples')).toEqual({ thing: 'apples', seen: 2, total: 5 })
    const why = await node.dhn('stubs', 'why', 'counter-stubs')
    expect(why.stdout).toContain(`${id('counter')}  its archive brought it`)
    expect(why.stdout).toContain(`${id('tally')}  its profile names it as a dependency`)
  })

  it('counter keeps its value over an upgrade, a rollback and a restart of the instance', async () => {
    const newer = await upgraded('counter', '1.1.0')
    expect((await node.dhn('deploy', newer, '--nosec')).code).toBe(0)
    expect(await called('Samples/Counter', 'add')).toBe(6)
    expect((await node.dhn('rollback', id('counter'))).code).toBe(0)
    expect((await node.dhn('ri', 'restart', 'Samples/Counter')).code).toBe(0)
    expect(await called('Samples/Counter', 'value')).toBe(6)
    const versions = await node.json<{ version: string; live: boolean }[]>('history', id('counter'))
    expect(versions.map(({ version, live }) => [version, live])).toEqual([
      ['1.0.0', true],
      ['1.1.0', false],
      ['1.0.0', false],
    ])
  })

  it('counter is disabled by an operator, or by itself, until it is enabled', async () => {
    expect((await node.dhn('ri', 'disable', 'Samples/Counter')).stdout).toBe('Samples/Counter  disabled\n')
    expect(await node.dhn('call', 'Samples/Counter', 'value')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('next: see why it is not ready: dhn ri show'),
    })
    expect((await node.dhn('ri', 'enable', 'Samples/Counter')).stdout).toBe('Samples/Counter  ready\n')
    expect(await called('Samples/Counter', 'close')).toBe(null)
    await expect
      .poll(async () => (await node.json<InstanceView>('ri', 'show', 'Samples/Counter')).state)
      .toBe('disabled')
    expect((await node.dhn('ri', 'enable', id('counter'))).code).toBe(0)
    expect(await called('Samples/Counter', 'value')).toBe(6)
  })

  it('deployed without --nosec, an instance refuses who cannot say who they are', async () => {
    expect((await node.dhn('deploy', archives.echo)).code).toBe(0)
    const { code, stderr } = await node.dhn('call', 'Samples/Echo', 'echo', '1')
    expect(stderr).toContain('next: its secure descriptor is live')
    expect(code).toBe(1)
  })

  it('the doctor finds nothing wrong with all of them deployed', async () => {
    const { code, stdout } = await node.dhn('doctor')
    // As root it is told that the services are, too.
    const amiss = stdout.split('\n').filter((line) => /^(warn|fail)/.test(line) && !line.includes('runs as root'))
    expect(amiss).toEqual([])
    expect(stdout).toContain('3 deployed, all whole')
    expect(code).toBe(0)
  })

  it('a shell completes the names of what is deployed', async () => {
    const { stdout } = await dhn(['__complete', '--', 'ri', 'show', ''], { home: node.home })
    expect(stdout.split('\n').map((line) => line.split('\t')[0])).toEqual(
      expect.arrayContaining(['Samples/Counter', 'Samples/Echo', 'Samples/Tally']),
    )
  })

  it('a deploy that fails says why, and its report is kept', async () => {
    const broken = temporaryFolder()
    cpSync(join(root, 'gar', 'echo'), broken, { recursive: true })
    const source = join(broken, 'src/org/diligentproject/samples/echo/EchoService.ts')
    writeFileSync(
      source,
      readFileSync(source, 'utf8').replace(
        "ready: () => log.info('listening')",
        "ready() { throw new Error('no database') }",
      ),
    )
    writeFileSync(join(broken, 'profile.xml'), profile('echo', '2.0.0'))
    expect((await node.dhn('pack', broken)).code).toBe(0)
    const failed = await node.dhn('deploy', join(broken, 'out', `${id('echo')}.tar.gz`), '--nosec')
    expect(failed).toMatchObject({ code: 1, stdout: '' })
    expect(failed.stderr).toMatch(/error: .*no database/)
    const operation = /dhn report (\S+)/.exec(failed.stderr)?.[1] ?? ''
    expect((await node.dhn('report', operation)).stdout).toMatch(/outcome +failed/)
    expect((await node.dhn('call', 'Samples/Echo', 'echo', '1')).stderr).toContain('its secure descriptor is live')
  })

  it('all come back as they were when the node was stopped, the disabled ones disabled', async () => {
    await node.dhn('ri', 'disable', 'Samples/Tally')
    await node.stop()
    expect((await node.start()).code).toBe(0)
    await expect
      .poll(async () =>
        (await node.json<InstanceView[]>('ri', 'list')).map(({ serviceName, state }) => [serviceName, state]),
      )
      .toEqual([
        ['Counter', 'ready'],
        ['Echo', 'ready'],
        ['Tally', 'disabled'],
      ])
    expect(await called('Samples/Counter', 'value')).toBe(6)
  })

  it('undeploy takes the stubs away with their last user', async () => {
    const counter = await node.dhn('undeploy', id('counter'))
    expect(counter).toMatchObject({ code: 0, stdout: `${id('counter')}  undeployed\n` })
    expect((await node.json<StubsView[]>('stubs', 'list')).length).toBe(1)
    expect((await node.dhn('undeploy', id('tally'))).code).toBe(0)
    expect(await node.json<StubsView[]>('stubs', 'list')).toEqual([])
    expect(await node.dhn('undeploy', id('tally'))).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('code: DHN_'),
    })
  })
})

const profile = (sample: string, version: string): string =>
  readFileSync(join(root, 'profiles', `${sample}.xml`), 'utf8').replaceAll(
    '<Version>1.0.0</Version>',
    `<Version>${version}</Version>`,
  )

async function upgraded(sample: string, version: string): Promise<string> {
  const folder = temporaryFolder()
  cpSync(join(root, 'gar', sample), folder, { recursive: true })
  writeFileSync(join(folder, 'profile.xml'), profile(sample, version))
  await node.dhn('pack', folder)
  return join(folder, 'out', `${id(sample)}.tar.gz`)
}
