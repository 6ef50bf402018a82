import { describe, expect, it } from 'vitest'
import type { Archive } from '../../src/archive/archive.ts'
import { isStateless } from '../../src/archive/statelessness.ts'
import { type Files, makeGar, wsddText } from '../support/archives.ts'
import { folderForAll, readBytes } from '../support/read.ts'

const folder = folderForAll()
const wsdd = (stateless?: string): string =>
  wsddText({ name: 'Samples/Echo', className: 'samples.Echo' }).replace(
    '<service ',
    stateless === undefined
      ? '$&'
      : `<globalConfiguration><parameter name="stateless" value="${stateless}"/></globalConfiguration>$&`,
  )
const jndi = (type: string, value: string): string =>
  `<jndiConfig xmlns="http://wsrf.globus.org/jndi/config"><global><environment name="stateless" type="${type}" value="${value}" override="false"/></global></jndiConfig>`
const secure = 'etc/deploy-server.wsdd'
const open = 'etc/deploy-server.wsdd_NOSEC'
const read = (files: Files): Promise<Archive> =>
  readBytes(folder, 'echo.gar', makeGar({ 'lib/samples/Echo.js': 'export class Echo {}\n', ...files }))

describe('an archive', () => {
  it.each([
    ['nothing', { [open]: wsdd() }, false],
    ['true', { [open]: wsdd('true') }, true],
    ['false', { [open]: wsdd('false') }, false],
    ['true in both descriptors', { [secure]: wsdd(' true '), [open]: wsdd('true') }, true],
    ['two things', { [secure]: wsdd('false'), [open]: wsdd('true') }, false],
    [
      'true in its JNDI configuration',
      { [open]: wsdd(), 'etc/deploy-jndi-config.xml': jndi('java.lang.Boolean', 'true') },
      true,
    ],
    [
      'true there and false in its WSDD',
      { [open]: wsdd('false'), 'etc/deploy-jndi-config.xml': jndi('java.lang.String', 'true') },
      false,
    ],
  ] as const)('that says %s of being stateless is taken at its word', async (_what, files, expected) => {
    const { gar, problems } = await read(files)
    expect(gar && isStateless(gar)).toBe(expected)
    expect(problems.filter(({ level }) => level === 'error')).toEqual([])
  })

  it('that says anything else can not be deployed', async () => {
    const { problems } = await read({ [open]: wsdd('yes') })
    expect(problems).toContainEqual({
      level: 'error',
      code: 'stateless',
      message: 'stateless is "yes": an archive says true or false',
      file: open,
    })
  })
})
