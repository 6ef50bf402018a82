import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { httpStatus } from '../../src/transport/http-status.ts'

const src = fileURLToPath(new URL('../../src', import.meta.url))
const rooms = ['archive', 'audit', 'container', 'isolate', 'lifecycle', 'store', 'transport', 'xml']

/** Modules whose errors stay where the service runs, or between the two sides of a place. */
const elsewhere = /^isolate\/(instance\/|frames\.ts)/

it('every module of error classes that the node can meet is in error-codes.ts', () => {
  const listed = readFileSync(`${src}/transport/error-codes.ts`, 'utf8')
  const missing = rooms
    .flatMap((room) =>
      readdirSync(`${src}/${room}`, { recursive: true, encoding: 'utf8' }).map((name) => `${room}/${name}`),
    )
    .filter((name) => name.endsWith('.ts') && !elsewhere.test(name))
    .filter((name) => /extends DhnError/.test(readFileSync(`${src}/${name}`, 'utf8')))
    .map((name) => name.replace(/^transport\//, ''))
    .filter((name) => !listed.includes(`/${name}'`))
  expect(missing).toEqual([])
})

it('what is no error of dhn is 500, and names of objects are no codes', () => {
  expect(['DHN_INTERNAL', 'constructor', '__proto__', ''].map(httpStatus)).toEqual([500, 500, 500, 500])
  expect(['DHN_ARCHIVE_LINK', 'DHN_XML_DOCTYPE', 'DHN_ROUTE_UNKNOWN'].map(httpStatus)).toEqual([422, 422, 404])
})
