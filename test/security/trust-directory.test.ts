import { chmodSync, mkdirSync, renameSync, rmSync, statSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { checkPrivate, parseCredential, readCredential } from '../../src/security/credential-file.ts'
import { issueCa, issueCrl, issueUser, trustFiles } from '../../src/security/issue.ts'
import { writePem } from '../../src/security/pem.ts'
import { readOwnCredential, readTrustDirectory, readVomsDirectory } from '../../src/security/read-files.ts'
import type { TrustStore } from '../../src/security/trust-store.ts'
import { validateChain } from '../../src/security/validate-chain.ts'
import { TrustWatch } from '../../src/security/watch-trust.ts'
import { temporaryFolder } from '../support/temporary.ts'

const at = Date.now()
const life = { at, days: 10, keyType: 'ec' } as const
const ca = issueCa({ ...life, name: '/DC=x/CN=Root' })
const alice = issueUser(ca, { ...life, name: 'Alice' })
const hash = ca.certificate.subject.hash
const revoking = issueCrl(ca, { ...life, at: at + 1000, serials: [alice.certificate.serial] })

function trustDirectory(): string {
  const folder = join(temporaryFolder(), 'certificates')
  mkdirSync(folder)
  for (const [name, text] of trustFiles(ca, issueCrl(ca, life))) writeFileSync(join(folder, name), text)
  return folder
}
const verdict = (store: TrustStore): string => {
  const found = validateChain([alice.certificate.der], store, { at })
  return `${found.verdict} ${found.reason}`
}

describe('a trust directory', () => {
  it('is read whole: both hashes, links, several numbers, other files left aside', async () => {
    const folder = trustDirectory()
    symlinkSync(`${hash}.0`, join(folder, 'alias.pem'))
    writeFileSync(join(folder, `${hash}.7`), ca.certificatePem)
    writeFileSync(join(folder, 'ca.info'), 'alias = x')
    const store = await readTrustDirectory(folder)
    expect(store.certificates).toHaveLength(1)
    expect(store.problems).toEqual([])
    expect(verdict(store)).toBe('accept end-entity')
  })

  it('that is not there is an error with a code', async () => {
    await expect(readTrustDirectory('/nowhere')).rejects.toMatchObject({ code: 'DHN_TRUST_DIRECTORY_UNREADABLE' })
    await expect(readVomsDirectory('/nowhere')).rejects.toMatchObject({ code: 'DHN_TRUST_DIRECTORY_UNREADABLE' })
  })

  it('keeps the earlier reading of a file that is half written, and takes the others anew', async () => {
    const folder = trustDirectory()
    const first = await readTrustDirectory(folder)
    for (const name of [`${hash}.0`, `${hash}.signing_policy`]) {
      truncateSync(join(folder, name), Math.floor(statSync(join(folder, name)).size / 2))
    }
    writeFileSync(join(folder, `${hash}.r0`), revoking)
    const second = await readTrustDirectory(folder, first)
    expect(second.problems.map(({ name }) => name)).toEqual([`${hash}.0`, `${hash}.signing_policy`])
    expect(verdict(second)).toBe('reject revoked')
    const third = await readTrustDirectory(folder, second)
    expect(verdict(third)).toBe('reject revoked')
    // Whoever reads it for the first time has nothing to keep.
    expect(verdict(await readTrustDirectory(folder))).toBe('reject signing-policy-unreadable')
  })

  it('reads a vomsdir', async () => {
    const folder = temporaryFolder()
    mkdirSync(join(folder, 'test.vo'))
    writeFileSync(join(folder, 'test.vo', 'voms.x.org.lsc'), '/CN=voms\n/CN=ca\n')
    writeFileSync(join(folder, 'test.vo', 'bad.lsc'), 'rubbish\n')
    const directory = await readVomsDirectory(folder)
    expect(directory.chainsOf('test.vo', 'voms.x.org')).toHaveLength(1)
    expect(directory.chainsOf('test.vo', 'bad')).toEqual([])
    expect(directory.knowsVo('other')).toBe(false)
  })
})

describe('a watched trust directory', () => {
  const watches: TrustWatch[] = []
  afterEach(() => {
    for (const one of watches.splice(0)) one.stop()
  })
  const watching = async (folder: string, options: { interval?: number; settle?: number }) => {
    const seen: TrustStore[] = []
    const failed: unknown[] = []
    const watch = await TrustWatch.start(folder, {
      ...options,
      changed: (store) => seen.push(store),
      failed: (cause) => failed.push(cause),
    })
    watches.push(watch)
    return { watch, seen, failed }
  }

  it('is swapped when a list comes by rename, told by the directory', async () => {
    const folder = trustDirectory()
    const { watch, seen } = await watching(folder, { interval: 3_600_000, settle: 20 })
    expect(verdict(watch.current)).toBe('accept end-entity')
    writeFileSync(join(folder, 'new'), revoking)
    renameSync(join(folder, 'new'), join(folder, `${hash}.r0`))
    await vi.waitFor(() => expect(verdict(watch.current)).toBe('reject revoked'), 5000)
    expect(seen.at(-1)).toBe(watch.current)
  })

  it('is polled as well, and says nothing when nothing changed', async () => {
    const folder = trustDirectory()
    const { watch, seen } = await watching(folder, { interval: 20, settle: 3_600_000 })
    await watch.refresh()
    expect(seen).toEqual([])
    writeFileSync(join(folder, `${hash}.r0`), revoking)
    await vi.waitFor(() => expect(verdict(watch.current)).toBe('reject revoked'), 5000)
    await watch.refresh()
    expect(seen).toHaveLength(1)
  })

  it('that goes away leaves the last picture, and comes back', async () => {
    const folder = trustDirectory()
    const { watch, failed } = await watching(folder, { interval: 3_600_000 })
    renameSync(folder, `${folder}.away`)
    await watch.refresh()
    expect(failed).toHaveLength(1)
    expect(verdict(watch.current)).toBe('accept end-entity')
    renameSync(`${folder}.away`, folder)
    rmSync(join(folder, `${hash}.signing_policy`))
    rmSync(join(folder, `${ca.certificate.subject.oldHash}.signing_policy`))
    await watch.refresh()
    expect(verdict(watch.current)).toBe('accept end-entity')
    rmSync(join(folder, `${hash}.namespaces`))
    rmSync(join(folder, `${ca.certificate.subject.oldHash}.namespaces`))
    await watch.refresh()
    expect(verdict(watch.current)).toBe('reject signing-policy-missing')
  })

  it('asked twice at once reads again after what it was reading', async () => {
    const folder = trustDirectory()
    const { watch } = await watching(folder, { interval: 3_600_000, settle: 3_600_000 })
    const first = watch.refresh()
    writeFileSync(join(folder, `${hash}.r0`), revoking)
    await Promise.all([first, watch.refresh()])
    expect(verdict(watch.current)).toBe('reject revoked')
  })
})

describe('a credential file', () => {
  const whole = alice.certificatePem + alice.keyPem + ca.certificatePem

  it('holds certificate, key and chain in any order, and other blocks that are passed over', () => {
    const token = '-----BEGIN DIRACX-----\neyJhY2Nlc3NfdG9rZW4iOiAi.not-base64_\n-----END DIRACX-----\n'
    for (const text of [whole, alice.keyPem + alice.certificatePem + ca.certificatePem, `text\n${whole}${token}`]) {
      const { chain, key } = readCredential(text, { keyRequired: true })
      expect(chain).toEqual([alice.certificate.der, ca.certificate.der])
      expect(key?.type).toBe('private')
    }
    expect(parseCredential(whole.replaceAll('\n', '\r\n')).chain).toHaveLength(2)
  })

  it('has the key of its first certificate', () => {
    expect(() => readCredential(ca.certificatePem + alice.keyPem)).toThrow(
      expect.objectContaining({ code: 'DHN_CREDENTIAL_KEY_MISMATCH', subject: '/DC=x/CN=Root' }),
    )
  })

  it('without certificate, with two keys or a broken one is an error with a code', () => {
    const broken = writePem('PRIVATE KEY', Buffer.from('rubbish'))
    for (const text of ['', alice.keyPem, whole + ca.keyPem, alice.certificatePem + broken]) {
      expect(() => readCredential(text)).toThrow(expect.objectContaining({ code: 'DHN_CREDENTIAL_UNREADABLE' }))
    }
    expect(() => readCredential(alice.certificatePem, { keyRequired: true })).toThrow(
      expect.objectContaining({ code: 'DHN_CREDENTIAL_UNREADABLE' }),
    )
  })

  it('is ours alone', async () => {
    const file = join(temporaryFolder(), 'proxy.pem')
    writeFileSync(file, whole)
    const uid = statSync(file).uid
    for (const [mode, good] of [
      [0o600, true],
      [0o400, true],
      [0o640, false],
      [0o604, false],
      [0o700, false],
    ] as const) {
      chmodSync(file, mode)
      const read = readOwnCredential(file, uid)
      if (good) expect((await read).chain).toHaveLength(2)
      else await expect(read).rejects.toMatchObject({ code: 'DHN_CREDENTIAL_NOT_PRIVATE' })
    }
    chmodSync(file, 0o600)
    await expect(readOwnCredential(file, uid + 1)).rejects.toMatchObject({ code: 'DHN_CREDENTIAL_NOT_PRIVATE' })
    expect(() => checkPrivate('x', { mode: 0o040600, uid }, uid)).toThrow(/not an ordinary file/)
  })
})
