import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { dhn, root, run } from '../support/dhn.ts'
import { temporaryFolder } from '../support/temporary.ts'

/** As `npm install` would do in the folder, from this checkout. */
function install(folder: string): void {
  mkdirSync(join(folder, 'node_modules', '@types'), { recursive: true })
  symlinkSync(root, join(folder, 'node_modules', 'dhn'))
  symlinkSync(join(root, 'node_modules', '@types', 'node'), join(folder, 'node_modules', '@types', 'node'))
}

it('a new service passes its own type check and test, and packs into an archive without a problem', async () => {
  const folder = temporaryFolder()
  const made = await dhn(['new', 'weather-forecast', '--class', 'Weather', '--package', 'org.acme.weather'], {
    cwd: folder,
  })
  expect(made).toMatchObject({ code: 0, stderr: 'pack it: dhn pack weather-forecast\n' })
  expect(made.stdout.split('\n')).toContain('weather-forecast/src/org/acme/weather/WeatherForecastService.ts')
  const service = join(folder, 'weather-forecast')
  install(service)

  const checked = await run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc')], { cwd: service })
  expect(checked).toMatchObject({ code: 0, stdout: '' })
  const tested = await run(process.execPath, ['--test', 'build/test/weather-forecast.test.js'], { cwd: service })
  expect(tested).toMatchObject({ code: 0, stdout: expect.stringContaining('# pass 1') })

  expect((await dhn(['pack', 'weather-forecast'], { cwd: folder })).stderr).toBe('')
  const { stdout } = await dhn(['inspect', 'weather-forecast/out/weather-forecast.tar.gz', '--json'], { cwd: folder })
  expect(JSON.parse(stdout)).toMatchObject({
    id: 'weather-forecast',
    deployable: { secure: true, open: true },
    profile: { serviceClass: 'Weather', serviceName: 'WeatherForecast' },
    packages: [{ kind: 'main' }, { stubs: true, importName: 'weather-forecast-stubs' }],
    problems: [],
  })
})

it('a folder with something in it is left alone', async () => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'mine'), '')
  const { code, stderr } = await dhn(['new', 'greeter', '--dir', folder])
  expect(stderr).toContain(`error: ${folder} isn't empty\n  next: name another folder with --dir`)
  expect(code).toBe(1)
  expect(readdirSync(folder)).toEqual(['mine'])
})
