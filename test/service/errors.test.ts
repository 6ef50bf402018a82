import { mkdirSync } from 'node:fs'
import { expect, it } from 'vitest'
import { errorAsData } from '../../src/service/errors.ts'
import { temporaryFolder } from '../support/temporary.ts'

it('what the system refuses has a code, the call and what to do', () => {
  const folder = temporaryFolder()
  let refused: unknown
  try {
    mkdirSync(folder)
  } catch (error) {
    refused = error
  }
  expect(errorAsData(refused)).toMatchObject({
    code: 'DHN_SYSTEM_REFUSED',
    facts: { errno: 'EEXIST', syscall: 'mkdir', path: folder },
  })
})

it('a thread that could not be made is a refusal of the system', () => {
  const error = Object.assign(new Error('Worker initialization failure: EMFILE'), { code: 'ERR_WORKER_INIT_FAILED' })
  expect(errorAsData(error)).toMatchObject({
    code: 'DHN_SYSTEM_REFUSED',
    message: 'Worker initialization failure: EMFILE',
    next: 'raise the limit of open files (ulimit -n, LimitNOFILE=), then repeat the command',
    facts: { errno: 'EMFILE' },
  })
})

it('any other error is one of dhn itself, and nothing of it but its words goes out', () => {
  expect(errorAsData(Object.assign(new Error('no'), { secret: 1 }))).toEqual({ code: 'DHN_INTERNAL', message: 'no' })
})
