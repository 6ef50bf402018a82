import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { zipSync } from 'fflate'
import { describe, expect, it } from 'vitest'
import { commandLine } from '../support/command-line.ts'
import { dhn, root } from '../support/dhn.ts'
import { temporaryFolder } from '../support/temporary.ts'

function garOf(files: Readonly<Record<string, string>>, name = 'sample.gar'): string {
  const file = join(temporaryFolder(), name)
  writeFileSync(
    file,
    zipSync(Object.fromEntries(Object.entries(files).map(([path, text]) => [path, Buffer.from(text)]))),
  )
  return file
}

const corpus = (name: string): string => readFileSync(join(root, 'test/corpus/gcube', name), 'utf8')

describe('inspecting an archive', () => {
  it('says what is in a sample, without a node', async () => {
    const out = temporaryFolder()
    await commandLine([
      'pack',
      join(root, 'gar/counter'),
      '--profile',
      join(root, 'profiles/counter.xml'),
      '--out',
      out,
    ])
    const { code, stdout } = await dhn(['inspect', join(out, 'org_diligentproject_samples_counter.tar.gz')])
    expect(code).toBe(0)
    const steady = stdout.replace(/^(size|digest|GAR) .*$/gm, '$1  (as packed)')
    await expect(steady).toMatchFileSnapshot(join(root, 'test/cli/golden/inspect.txt'))
  })

  it('reads a GT4 GAR full of Java and says why that cannot run here', async () => {
    const gar = garOf({
      'server-deploy.wsdd': corpus('deploy-server.wsdd.math-factory.xml'),
      'jndi-config-deploy.xml': corpus('deploy-jndi-config.math-factory.xml'),
      'lib/math.jar': 'PK',
    })
    const { code, stdout } = await commandLine(['inspect', gar])
    expect(code).toBe(0)
    expect(stdout).toContain("1 Java file that can't run here")
    expect(stdout).toContain('deploys   not here; see the problems')
    expect(stdout).toMatch(/error +server-deploy\.wsdd +service .* is a Java class/)
    expect(stdout).toContain('examples/core/factory/MathService')
  })

  it('of what is none is refused with what it is', async () => {
    const file = join(temporaryFolder(), 'x.gar')
    writeFileSync(file, 'neither zip nor tar')
    const [text, json] = await Promise.all([commandLine(['inspect', file]), commandLine(['inspect', file, '--json'])])
    expect(text).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/^error: .*\n {2}next: .*\n {2}code: DHN_ARCHIVE_/),
    })
    expect({ code: json.code, error: JSON.parse(json.stdout) }).toMatchObject({
      code: 1,
      error: { error: { code: expect.stringMatching(/^DHN_ARCHIVE_/) } },
    })
  })

  it('accepts a comment before the XML declaration only with --lenient', async () => {
    const wsdd = `<!-- first --><?xml version="1.0"?><deployment xmlns="http://xml.apache.org/axis/wsdd/"/>`
    const gar = garOf({ 'etc/deploy-server.wsdd': wsdd })
    expect((await commandLine(['inspect', gar])).stderr).toContain('deploy-server.wsdd')
    expect((await commandLine(['inspect', gar, '--lenient'])).code).toBe(0)
  })
})
