import { createHash, randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { descriptorFor, problemsFor } from '../../src/archive/descriptor-for.ts'
import type { Problem } from '../../src/archive/problem.ts'
import { echoFiles, type Files, makeGar, wsddText } from '../support/archives.ts'
import { folderForAll, readBytes } from '../support/read.ts'
import { tarEntry } from '../support/tar-bytes.ts'

const folder = folderForAll()
const read = (files: Files, name = 'echo.gar') => readBytes(folder, name, makeGar(files))
const codes = (problems: readonly Problem[], level?: Problem['level']): string[] =>
  problems.filter((problem) => level === undefined || problem.level === level).map(({ code }) => code)

const root = 'server-deploy.wsdd'
const secure = 'etc/deploy-server.wsdd'
const open = 'etc/deploy-server.wsdd_NOSEC'
const jndiRoot = 'jndi-config-deploy.xml'
const jndiEtc = 'etc/deploy-jndi-config.xml'
const module = { 'lib/samples/Echo.js': 'export class Echo {}\n' }

/** A descriptor that says which file it was. */
const wsdd = (from: string): string =>
  wsddText({ name: 'Samples/Echo', className: 'samples.Echo', parameters: { from, where: '@config.dir@/x @gar.id@' } })
const jndi = (from: string): string =>
  `<jndiConfig xmlns="http://wsrf.globus.org/jndi/config"><global><environment name="from" type="java.lang.String" value="${from} @gar.id@" override="false"/></global></jndiConfig>`

/** Every combination of the three that has at least one. */
const combinations = [[root, secure, open], [root, secure], [root, open], [secure, open], [root], [secure], [open]].map(
  (there) => [there.join(' + '), there] as const,
)

describe('the descriptor that becomes live', () => {
  it.each(combinations)('is the right one for each mode of a GAR with %s', async (_, there) => {
    const { gar } = await read({ ...module, ...Object.fromEntries(there.map((path) => [path, wsdd(path)])) })
    const wanted = { secure: [root, secure].find((path) => there.includes(path)), open: there.find((p) => p === open) }
    for (const mode of ['secure', 'open'] as const) {
      expect(gar?.descriptors[mode]?.path).toBe(wanted[mode])
      expect(gar?.descriptors[mode]?.wsdd.services[0]?.parameters.get('from')).toBe(wanted[mode])
    }
  })

  it.each([
    [[jndiRoot, jndiEtc], jndiRoot],
    [[jndiRoot], jndiRoot],
    [[jndiEtc], jndiEtc],
    [[], undefined],
  ] as const)('of JNDI, with %j, is %s', async (there, wanted) => {
    const { gar } = await read({ ...echoFiles, ...Object.fromEntries(there.map((path) => [path, jndi(path)])) })
    expect(gar?.jndi?.path).toBe(wanted)
    expect(gar?.jndi?.config.global.environments[0]?.value).toBe(wanted && `${wanted} echo`)
  })

  it('has its tokens filled in wherever it lay', async () => {
    for (const path of [root, secure, open]) {
      const { gar } = await read({ ...module, [path]: wsdd(path) }, 'org.example_echo-1.0.gar')
      const descriptor = gar?.descriptors.secure ?? gar?.descriptors.open
      expect(descriptor?.wsdd.services[0]?.parameters.get('where')).toBe(
        'etc/org.example_echo-1.0/x org.example_echo-1.0',
      )
    }
  })

  it("is never the other mode's", async () => {
    const onlyOpen = (await read({ ...module, [open]: wsdd(open) })).gar
    const onlySecure = (await read({ ...module, [root]: wsdd(root) })).gar
    if (onlyOpen === undefined || onlySecure === undefined) throw new Error('no GAR')
    expect(descriptorFor(onlyOpen, 'open').path).toBe(open)
    expect(() => descriptorFor(onlyOpen, 'secure')).toThrow(
      expect.objectContaining({
        code: 'DHN_DESCRIPTOR_MISSING',
        mode: 'secure',
        next: expect.stringContaining('--nosec'),
      }),
    )
    expect(() => descriptorFor(onlySecure, 'open')).toThrow(
      expect.objectContaining({ code: 'DHN_DESCRIPTOR_MISSING', mode: 'open' }),
    )
  })
})

describe('a GAR that is none', () => {
  it('is refused without any descriptor', async () => {
    await expect(read(module)).rejects.toMatchObject({ code: 'DHN_WSDD_MISSING', garId: 'echo' })
    await expect(read({ ...module, 'etc/deploy-server.wsdd_SEC': wsdd('x') })).rejects.toMatchObject({
      code: 'DHN_WSDD_MISSING',
    })
  })

  it('is told to be a service archive when it looks like one', async () => {
    await expect(read({ 'profile.xml': '<x/>' })).rejects.toMatchObject({ next: expect.stringContaining('.tar.gz') })
  })

  it('is told where it was packed from outside', async () => {
    const wrapped = Object.fromEntries(Object.entries(echoFiles).map(([path, text]) => [`echo-1.0/${path}`, text]))
    await expect(read(wrapped)).rejects.toMatchObject({ code: 'DHN_ARCHIVE_TOP_FOLDER', folder: 'echo-1.0' })
  })

  it.each([
    ['an empty file', Buffer.alloc(0), 'empty'],
    ['a text', Buffer.from('hello'), 'not known'],
    ['a tar that is not compressed', tarEntry('x', 'x'), 'not compressed'],
    ['bzip2 data', Buffer.from('BZh91AY'), 'bzip2'],
    ['xz data', Buffer.from('\xfd7zXZ\0', 'latin1'), 'xz'],
    ['HTML', Buffer.from('<html>404'), 'HTML'],
  ])('is refused: %s', async (_, bytes, found) => {
    await expect(readBytes(folder, 'x.gar', bytes)).rejects.toMatchObject({
      code: 'DHN_ARCHIVE_FORMAT',
      found: expect.stringContaining(found),
    })
  })

  it.each([
    '.gar',
    '..gar',
    '.hidden.gar',
    '-x.gar',
    'a b.gar',
    'a/b.gar',
    'é.gar',
    'schema.gar',
    'node_modules.gar',
    `${'x'.repeat(201)}.gar`,
  ])('is refused for its name: %s', async (name) => {
    await expect(read(echoFiles, name)).rejects.toMatchObject({ code: 'DHN_ARCHIVE_NAME', archive: name })
  })

  it('is refused when a descriptor is malformed, with the place', async () => {
    await expect(read({ ...echoFiles, [open]: '<deployment>\n<service>' })).rejects.toMatchObject({
      code: expect.stringMatching(/^DHN_XML_/),
      file: open,
    })
  })
})

describe('the modules of a GAR', () => {
  const serving = (className: string): string => wsddText({ name: 'Samples/Echo', className })

  it.each(['lib/org/x/Echo.js', 'lib/org/x/Echo.mjs'])('are found by the name of the class: %s', async (path) => {
    const { gar, problems } = await read({ [open]: serving('org.x.Echo'), [path]: '' })
    expect(gar?.modules).toEqual([path])
    expect(codes(problems, 'error')).toEqual([])
  })

  it('are missed with the paths that were looked for', async () => {
    const { problems } = await read({ [open]: serving('org.x.Echo'), 'lib/org/x/echo.js': '' })
    expect(problems).toContainEqual({
      level: 'error',
      code: 'module-missing',
      message: expect.stringMatching(/lib\/org\/x\/Echo\.js and no lib\/org\/x\/Echo\.mjs/),
      file: open,
    })
  })

  it.each(['../../etc/x', 'a..b', 'a/b', '', 'a.b;c', '.a'])('are never looked for by "%s"', async (className) => {
    const { problems } = await read({ [open]: serving(className), 'lib/a.js': '' })
    expect(codes(problems, 'error')).toEqual([className === '' ? 'wsdd-no-class' : 'class-name'])
  })

  it('have to be there for each service', async () => {
    const { problems } = await read({ [open]: wsddText({ name: 'Samples/Echo' }) })
    expect(codes(problems, 'error')).toEqual(['wsdd-no-class'])
  })
})

describe('the name of a service', () => {
  it.each(['Samples/Echo', 'Echo', 'gcube/a/b-c_d.e~1', 'administration/x'])('may be %s', async (name) => {
    const { problems } = await read({ ...module, [open]: wsddText({ name, className: 'samples.Echo' }) })
    expect(codes(problems, 'error')).toEqual([])
  })

  it.each([
    'admin/x',
    'console',
    'metrics',
    'healthz',
    'readyz/x',
    'wsrf/services/x',
    'a//b',
    '/a',
    'a/',
    'a/../b',
    './a',
    'a b',
    'é',
    'a?b',
    'a%2fb',
  ])('may not be %s', async (name) => {
    const { problems } = await read({ ...module, [open]: wsddText({ name, className: 'samples.Echo' }) })
    expect(codes(problems, 'error')).toEqual(['service-name'])
  })

  it('may be there once only', async () => {
    const service = { name: 'Samples/Echo', className: 'samples.Echo' }
    const { problems } = await read({ ...module, [open]: wsddText(service, service) })
    expect(codes(problems, 'error')).toEqual(['wsdd-service-repeated'])
  })
})

describe('a GAR of GT4', () => {
  const files = {
    'META-INF/MANIFEST.MF': 'Manifest-Version: 1.0\n',
    [root]: wsddText({ name: 'CounterService', className: 'org.globus.wsrf.samples.counter.CounterService' }),
    [jndiRoot]: jndi('root'),
    'client-deploy.wsdd': wsddText(),
    'etc/post-deploy.xml': '<project/>',
    'etc/security_descriptor.xml': '<securityConfig/>',
    'lib/counter.jar': Buffer.from('PK\x05\x06', 'latin1'),
    'lib/COUNTER_LICENSE': 'free',
    'schema/core/samples/counter/counter.wsdl': '<definitions/>',
    'bin/counter-client': '#!/bin/sh\n',
    'undeploy.xml': '<project/>',
  }

  it('is read whole, and says why it cannot run here', async () => {
    const { gar, problems } = await read(files, 'globus_wsrf_counter.gar')
    expect(gar).toMatchObject({ id: 'globus_wsrf_counter', java: ['lib/counter.jar'], modules: [] })
    expect(problems).toContainEqual({
      level: 'error',
      code: 'java-class',
      message: expect.stringMatching(/CounterService is a Java class, and this node runs JavaScript/),
      file: root,
    })
    expect(problems).toContainEqual(
      expect.objectContaining({
        code: 'java-files',
        message: expect.stringContaining('1 Java file (lib/counter.jar)'),
      }),
    )
  })

  it('has notes on what is done with it in GT4 and not here', async () => {
    const { problems } = await read(files, 'globus_wsrf_counter.gar')
    expect(problems.filter(({ level }) => level === 'note').map(({ code, file }) => `${code} ${file}`)).toEqual(
      expect.arrayContaining([
        'client-descriptor client-deploy.wsdd',
        'post-deploy etc/post-deploy.xml',
        'bin-not-installed bin/',
        'meta-inf META-INF/',
        'part-not-installed undeploy.xml',
      ]),
    )
  })
})

describe('copies of a descriptor', () => {
  it('that are equal are nothing to speak of', async () => {
    const { problems } = await read({ ...module, [root]: wsdd('same'), [secure]: wsdd('same') })
    expect(codes(problems)).toEqual([])
  })

  it('of which one is filtered are a note', async () => {
    const raw = wsdd('same')
    const filtered = raw.replaceAll('@config.dir@', 'etc/echo').replaceAll('@gar.id@', 'echo')
    const { problems } = await read({ ...module, [root]: filtered, [secure]: raw })
    expect(problems).toEqual([expect.objectContaining({ level: 'note', code: 'descriptor-copy-raw', file: secure })])
  })

  it('that differ are a warning', async () => {
    const { problems } = await read({ ...echoFiles, [root]: wsdd('root'), [jndiRoot]: jndi('a'), [jndiEtc]: jndi('b') })
    expect(problems.map(({ level, code, file }) => `${level} ${code} ${file}`)).toEqual([
      `warning descriptor-copy-differs ${secure}`,
      `warning descriptor-copy-differs ${jndiEtc}`,
    ])
  })

  it('under the names of live ones are left out, with a warning', async () => {
    const { problems } = await read({ ...echoFiles, 'etc/server-config.wsdd': wsdd('installed') })
    expect(problems).toEqual([expect.objectContaining({ code: 'live-name-taken', file: 'etc/server-config.wsdd' })])
  })

  it('named the other way round are a warning, and change nothing', async () => {
    const { gar, problems } = await read({ ...echoFiles, 'etc/deploy-server.wsdd_SEC': wsdd('x') })
    expect(codes(problems)).toEqual(['descriptor-opposite-pair'])
    expect(gar?.descriptors.secure?.path).toBe(secure)
  })
})

describe('the problems of a mode', () => {
  it("are without those of the other one's descriptor", async () => {
    const archive = await read({ ...echoFiles, [open]: wsddText({ name: 'admin/x', className: 'samples.Echo' }) })
    expect(codes(problemsFor(archive, 'open'), 'error')).toEqual(['service-name'])
    expect(codes(problemsFor(archive, 'secure'), 'error')).toEqual([])
  })
})

describe('a bare GAR', () => {
  it('has the profile in its etc', async () => {
    const profile =
      '<Resource version="1.3.0"><ID/><Type>Service</Type><Profile><Class>Samples</Class><Name>Echo</Name><Version>1.2.3</Version><Packages><Software><Name>s</Name><Version>1</Version><Files><File>x</File></Files></Software></Packages></Profile></Resource>'
    const archive = await read({ ...echoFiles, 'etc/profile.xml': profile })
    expect(archive).toMatchObject({
      kind: 'gar',
      id: 'echo',
      packages: [],
      profile: { serviceClass: 'Samples', version: '1.2.3' },
    })
    expect(codes(archive.problems, 'error')).toEqual([])
  })

  it.each(['tar.gz', 'zip'] as const)('is named by its digest and size as given: %s', async (format) => {
    // More than is read at once.
    const bytes = makeGar({ ...echoFiles, 'lib/noise.txt': randomBytes(450_000).toString('base64') }, format)
    expect(await readBytes(folder, 'echo.gar', bytes)).toMatchObject({
      digest: createHash('sha256').update(bytes).digest('hex'),
      size: bytes.length,
      gar: { format },
    })
  })
})
