import { readFileSync, writeFileSync } from 'node:fs'
import { createServer as createHttpServer, type RequestListener } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import type { AddressInfo, Server } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { commandLine } from '../support/command-line.ts'
import { fakeAdmin } from '../support/fake-admin.ts'
import { initializedHomes } from '../support/home.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { instanceView } from '../support/views.ts'

const homes = initializedHomes()

interface Service {
  readonly base: string
  readonly forms: string[]
}

/** A service that answers every call alike. */
async function service(status: number, body: string, tls?: { cert: string; key: string }): Promise<Service> {
  const forms: string[] = []
  const answer: RequestListener = (request, response) => {
    let form = ''
    request.on('data', (chunk) => {
      form += chunk
    })
    request.on('end', () => {
      forms.push(`${request.method} ${request.url} ${form}`)
      response.writeHead(status).end(body)
    })
  }
  const server: Server = tls === undefined ? createHttpServer(answer) : createHttpsServer(tls, answer)
  await new Promise<void>((resolve) => server.listen(0, resolve))
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo
  return { base: `${tls === undefined ? 'http' : 'https'}://localhost:${port}`, forms }
}

describe('a call', () => {
  it('is the form that DIRAC clients post; numbers stay as they were typed', async () => {
    const { base, forms } = await service(200, '{"OK":true,"Value":5}')
    const words = ['call', `${base}/Samples/Counter`, 'add', '-5', '12345678901234567890', '1.0', '{"a":[1]}', 'a word']
    expect(await commandLine(words)).toEqual({ code: 0, stdout: '5\n', stderr: '' })
    const [form = ''] = forms
    expect(form).toMatch(/^POST \/Samples\/Counter method=add&args=/)
    expect(new URLSearchParams(form.split(' ')[2]).get('args')).toBe(
      '[-5, 12345678901234567890, 1.0, {"a": [1]}, "a word"]',
    )
  })

  it.each([
    ['a text as it is', '"hello\\nthere"', 'hello\nthere\n'],
    ['anything else as JSON', '{"a":[1,null]}', '{\n  "a": [\n    1,\n    null\n  ]\n}\n'],
    ['nothing as null', 'null', 'null\n'],
    ['numbers with all their digits', '[12345678901234567890,1.0]', '[\n  12345678901234567890,\n  1.0\n]\n'],
    ['a time as text', '{"__dCls": "dt", "obj": "2026-11-22 10:30:15"}', '"2026-11-22T10:30:15Z"\n'],
  ])('prints %s', async (_, value, printed) => {
    const { base } = await service(200, `{"OK":true,"Value":${value}}`)
    expect((await commandLine(['call', `${base}/Samples/Echo`, 'echo'])).stdout).toBe(printed)
  })

  it('that gets an S_ERROR fails with its message, whatever the status', async () => {
    const { base } = await service(503, '{"OK":false,"Errno":0,"Message":"Samples/Counter is disabled"}')
    const address = `${base}/Samples/Counter`
    const [text, json] = [
      await commandLine(['call', address, 'add']),
      await commandLine(['call', address, 'add', '--json']),
    ]
    expect(text).toEqual({
      code: 1,
      stdout: '',
      stderr:
        'error: Samples/Counter is disabled\n  next: see why it is not ready: dhn ri show\n  code: DHN_CALL_FAILED\n',
    })
    expect({ ...json, stdout: JSON.parse(json.stdout) }).toEqual({
      code: 1,
      stdout: { OK: false, Errno: 0, Message: 'Samples/Counter is disabled' },
      stderr: '',
    })
  })

  it('that gets no answer, or none of a service, fails with what there was', async () => {
    const { base } = await service(404, '<html>')
    const page = await commandLine(['call', `${base}/x`, 'y'])
    expect(page.stderr).toMatch(/404 Client Error: .* is not found\n {2}next: see which services/)
    const silence = await commandLine(['call', 'http://localhost:1/x', 'y', '--json'])
    expect(JSON.parse(silence.stdout)).toMatchObject({
      error: { code: 'DHN_CALL_FAILED', facts: { address: 'http://localhost:1/x' } },
    })
    expect([page.code, silence.code]).toEqual([1, 1])
  })

  it("trusts the certificates of its home's node, and no other node's", async () => {
    const home = homes()
    const stranger = temporaryFolder()
    const pem = (name: string) => readFileSync(join(home, 'etc', 'grid-security', name), 'utf8')
    const { base } = await service(200, '{"OK":true,"Value":1}', { cert: pem('hostcert.pem'), key: pem('hostkey.pem') })
    expect(await commandLine(['call', `${base}/x`, 'y'], { home })).toMatchObject({ code: 0, stdout: '1\n' })
    const refused = await commandLine(['call', `${base}/x`, 'y'], { home: stranger })
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining("can't be called: ") })
  })

  it('finds a service that the node does not have in the DIRAC configuration', async () => {
    const { base, forms } = await service(200, '{"OK":true,"Value":1}')
    const cfg = join(temporaryFolder(), 'dirac.cfg')
    writeFileSync(cfg, `Systems\n{\nFramework\n{\nURLs\n{\nNotification = ${base}\n}\n}\n}\n`)
    const options = { home: temporaryFolder(), environment: { DIRACSYSCONFIG: cfg } }
    expect(await commandLine(['call', 'Framework/Notification', 'ping'], options)).toMatchObject({ stdout: '1\n' })
    expect(forms[0]).toMatch(/^POST \/Framework\/Notification method=ping/)
    const unknown = await commandLine(['call', 'Framework/Unknown', 'ping'], options)
    expect(unknown).toMatchObject({ code: 1, stderr: expect.stringContaining('DHN_NODE_NOT_RUNNING') })
  })

  it('finds the address of a service by its path, its class and name, or what else names the instance', async () => {
    const { base, forms } = await service(200, '{"OK":true,"Value":1}')
    const view = instanceView({ addresses: [`${base}/Samples/Counter`, `${base}/Samples/Other`] })
    const { home } = await fakeAdmin({ 'GET /instances': [view], 'GET /instances/0b9c2625': view })
    for (const name of ['Samples/Counter', 'Samples/Other', '0b9c2625'])
      await commandLine(['call', name, 'm'], { home })
    expect(forms.map((form) => form.split(' ')[1])).toEqual(['/Samples/Counter', '/Samples/Other', '/Samples/Counter'])
  })
})
