import { describe, expect, it } from 'vitest'
import { parseSecurityDescriptor } from '../../../src/archive/security-descriptor.ts'
import { lostProtection, lostProtectionText } from '../../../src/security/authorization/lost-protection.ts'

const levels = (inside: string | undefined) =>
  inside === undefined
    ? {}
    : {
        service: parseSecurityDescriptor(
          `<securityConfig xmlns="http://www.globus.org">${inside}</securityConfig>`,
          'service',
        ).descriptor,
      }
const lost = (secure: string | undefined, open: string | undefined, operations: '*' | string[] = '*') =>
  lostProtection([{ service: 'S/E', operations, secure: levels(secure), open: levels(open) }])
const methods = (inside: string) => `<auth-method>${inside}</auth-method>`
const level = (one: string) => `<GSITransport><protection-level><${one}/></protection-level></GSITransport>`
const opened = (name: string) => `<method name="${name}">${methods('<none/>')}</method>`

describe('what the open descriptor gives up', () => {
  it('is everything but what was open already', () => {
    const secure = `${methods('<GSITransport/>')}<authz value="gridmap"/><reject-limited-proxy value="true"/>${opened('get')}`
    expect(lost(secure, undefined)).toEqual([
      {
        service: 'S/E',
        operation: '*',
        except: [],
        lost: ['authentication', 'level', 'authorization', 'limited-proxies'],
      },
      { service: 'S/E', operation: 'get', except: [], lost: ['limited-proxies'] },
    ])
    expect(lost(secure, undefined, ['get', 'set']).map(lostProtectionText)).toEqual(['S/E/get', 'S/E/set'])
    const simple = `${methods('<GSITransport/>')}${opened('get')}`
    expect(lost(simple, undefined).map(lostProtectionText)).toEqual(['S/E/* except get'])
  })

  it('is nothing where the open one asks for as much', () => {
    const same = `${methods(level('privacy'))}<authz value="gridmap self"/>`
    expect(lost(same, same)).toEqual([])
    expect(lost(undefined, undefined)).toEqual([])
    expect(lost(undefined, same)).toEqual([])
    expect(lost(methods('<none/>'), undefined)).toEqual([])
  })

  it('is told apart: authentication, level, authorization', () => {
    const none = '<authz value="none"/>'
    expect(lost(methods(level('privacy')) + none, methods(level('integrity')) + none)[0]?.lost).toEqual(['level'])
    expect(lost(methods(level('privacy')) + none, methods('<GSITransport/>') + none)[0]?.lost).toEqual(['level'])
    const chain = (text: string) => `${methods('<GSITransport/>')}<authz value="${text}"/>`
    expect(lost(chain('gridmap self'), chain('self'))[0]?.lost).toEqual(['authorization'])
    expect(lost(chain('self'), chain('self gridmap'))).toEqual([])
    expect(lost(chain('none'), undefined)[0]?.lost).toEqual(['authentication', 'level'])
  })

  it('names single operations that the open one opens', () => {
    const secure = methods('<GSITransport/>')
    expect(lost(secure, secure + opened('set')).map(lostProtectionText)).toEqual(['S/E/set'])
    expect(lost(secure + opened('set'), secure)).toEqual([])
  })
})
