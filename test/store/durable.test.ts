import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { moveIntoPlace, syncTree, writeFileDurably } from '../../src/store/durable.ts'
import { temporaryFolder } from '../support/temporary.ts'

describe('writing durably', () => {
  it('moves a synced folder into a place whose parents are not there yet', async () => {
    const root = temporaryFolder()
    mkdirSync(join(root, 'staging', 'lib'), { recursive: true })
    writeFileSync(join(root, 'staging', 'lib', 'a.js'), 'a')
    await syncTree(join(root, 'staging'))
    await moveIntoPlace(join(root, 'staging'), join(root, 'deployments', 'echo', 'digest'))
    expect(readFileSync(join(root, 'deployments', 'echo', 'digest', 'lib', 'a.js'), 'utf8')).toBe('a')
    expect(readdirSync(root)).toEqual(['deployments'])
  })

  it('syncs file by file where the system has no sync -f', async () => {
    const root = temporaryFolder()
    mkdirSync(join(root, 'lib', 'deep'), { recursive: true })
    writeFileSync(join(root, 'lib', 'deep', 'a.js'), 'a')
    const path = process.env.PATH
    process.env.PATH = root
    try {
      await syncTree(root)
    } finally {
      process.env.PATH = path
    }
    await expect(syncTree(join(root, 'not-there'))).rejects.toMatchObject({ code: 'ENOENT' })
  })

  it('replaces a file whole, with its mode, and leaves nothing beside it', async () => {
    const root = temporaryFolder()
    await writeFileDurably(join(root, 'x'), 'old')
    await writeFileDurably(join(root, 'x'), 'new', 0o600)
    expect(readFileSync(join(root, 'x'), 'utf8')).toBe('new')
    expect(statSync(join(root, 'x')).mode & 0o777).toBe(0o600)
    await expect(writeFileDurably(join(root, 'not', 'there'), 'x')).rejects.toMatchObject({ code: 'ENOENT' })
    expect(readdirSync(root)).toEqual(['x'])
  })
})
