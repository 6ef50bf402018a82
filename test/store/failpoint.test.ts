import { spawnSync } from 'node:child_process'
import { afterEach, describe, expect, it } from 'vitest'
import { armFailpoints, failpoint, failpoints } from '../../src/store/failpoint.ts'

const failpointModule = new URL('../../dist/store/failpoint.js', import.meta.url).href

afterEach(() => armFailpoints(''))

describe('a failpoint', () => {
  it('does nothing unless it is armed', async () => {
    armFailpoints('deploy.moved=eio')
    for (const name of failpoints.filter((other) => other !== 'deploy.moved')) await failpoint(name)
  })

  it('throws the error of a full or broken disk once', async () => {
    armFailpoints('deploy.staged=enospc, deploy.moved=eio')
    await expect(failpoint('deploy.staged')).rejects.toMatchObject({ code: 'ENOSPC' })
    await expect(failpoint('deploy.moved')).rejects.toMatchObject({ code: 'EIO' })
    await failpoint('deploy.staged')
  })

  it('waits for the time it is told', async () => {
    armFailpoints('store.commit=eio:3')
    await failpoint('store.commit')
    await failpoint('store.commit')
    await expect(failpoint('store.commit')).rejects.toMatchObject({ code: 'EIO' })
  })

  it('ends the process as kill -9 does, and says so', () => {
    const script = `
      import { armFailpoints, failpoint } from '${failpointModule}'
      armFailpoints('deploy.staged=kill')
      await failpoint('deploy.staged')
      console.log('went on')`
    const ended = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' })
    expect(ended).toMatchObject({ signal: 'SIGKILL', stdout: '', stderr: 'failpoint deploy.staged: kill\n' })
  })

  it('never goes on when it pauses', async () => {
    armFailpoints('deploy.staged=pause')
    const went = await Promise.race([
      failpoint('deploy.staged').then(() => 'on'),
      new Promise((resolve) => setImmediate(resolve, 'waits')),
    ])
    expect(went).toBe('waits')
  })

  it.each(['deploy.stagd=kill', 'deploy.staged=die', 'deploy.staged', 'deploy.staged=kill:x'])('refuses %s', (text) => {
    expect(() => armFailpoints(text)).toThrow()
  })
})
