import { describe, expect, it } from 'vitest'
import type { Requirement } from '../../src/archive/service-profile.ts'
import { checkRequirements } from '../../src/container/requirements.ts'
import { chooseVersion, compareVersions } from '../../src/container/versions.ts'

const node = {
  facts: {
    'OperatingSystem.Name': 'Linux',
    'OperatingSystem.Release': '5.10.0-21-amd64',
    'Architecture.PlatformType': 'x64',
    'Architecture.SMPSize': 4,
    'MainMemory.RAMSize': 4096,
    'MainMemory.RAMAvailable': 900.5,
    LocalAvailableSpace: 123456,
    Type: 'Dynamic',
  },
  labels: { JAVA_VERSION: '1.10', 'Has-Fortran': 'yes', 'OperatingSystem.Name': 'a label can not hide a fact' },
}
const check = (line: string) => {
  const [category = '', requirement = '', operator = '', ...value] = line.split(' ')
  const asked = { category, requirement: requirement.replace('-', ''), operator, value: value.join(' ') } as Requirement
  return checkRequirements([asked], node)[0]
}

describe('a requirement on the node', () => {
  it.each([
    ['OperatingSystem Name eq linux', true],
    ['OperatingSystem Name ne linux', false],
    ['OperatingSystem Name ne Windows', true],
    ['OS - eq Linux', true],
    ['OperatingSystem Release ge 5.9', true],
    ['OperatingSystem Release lt 5.10.1', true],
    ['MEM_RAM_SIZE - ge 4096', true],
    ['MEM_RAM_SIZE - gt 4096', false],
    ['MEM_RAM_AVAILABLE - lt 901', true],
    ['MEM_RAM_AVAILABLE - lt 1000', true],
    ['MainMemory RAMAvailable le 900.5', true],
    ['CPU_COUNT - ge 2', true],
    ['Platform - eq X64', true],
    ['GHN_TYPE - eq Dynamic', true],
    ['DISK_SPACE - ge 1000000', false],
    ['RunTimeEnv JAVA_VERSION ge 1.9', true],
    ['RUNTIME_ENV_STRING java.version exist', true],
    ['RunTimeEnv HasFortran exist', true],
    ['Software HasFortran eq YES', true],
    ['RunTimeEnv RAMSize exist', false],
    ['RunTimeEnv MATLAB exist', false],
    ['RunTimeEnv MATLAB ne 7', true],
    ['RunTimeEnv MATLAB ge 7', false],
  ])('%s: %s', (line, met) => {
    expect(check(line)?.met).toBe(met)
  })

  it('is told with what the node has', () => {
    expect(check('MEM_RAM_SIZE RAM ge 8192')).toEqual({ text: 'MEM_RAM_SIZE RAM ge 8192', met: false, actual: '4096' })
    expect(check('RunTimeEnv MATLAB exist whatever')).toEqual({ text: 'RunTimeEnv MATLAB exist', met: false })
  })
})

describe('versions', () => {
  it('are in the order that their writers mean', () => {
    const ascending = [
      '1.0-SNAPSHOT',
      '1.0-beta',
      '1.0',
      '1.0.1',
      '1.9',
      '1.10',
      '2.3.1',
      '2.3.1-4.3.9',
      '2.3.1-4.4.0',
      '2.3.2-4.1.0',
    ]
    const rest = ascending.filter((version) => !/SNAPSHOT|beta/.test(version))
    expect(rest.toSorted(compareVersions)).toEqual(rest)
    expect(compareVersions('1.0-SNAPSHOT', '1.0')).toBeLessThan(0)
    expect(compareVersions('1.0-beta', '1.0-rc')).toBeLessThan(0)
    expect(compareVersions('1.0', '1.0.0')).toBe(0)
    expect(compareVersions('10', '9')).toBeGreaterThan(0)
  })

  const offers = ['1.0', '1.0.3', '1.2.0', '2.0.0-beta', '2.3.1-4.4.0', '2.3.1-4.5.0', 'trunk'].map((version) => ({
    version,
  }))
  it.each([
    ['1.0', '1.0'],
    ['1.0.0', '1.0'],
    ['1', '1.0'],
    ['1.0.x', '1.0.3'],
    ['^1.0', '1.2.0'],
    ['^2.0.0', '2.3.1-4.5.0'],
    ['2.3.1-4.4.0', '2.3.1-4.4.0'],
    ['2.3.1', '2.3.1-4.5.0'],
    ['*', '2.3.1-4.5.0'],
    ['>=1.0 <2', '1.2.0'],
    ['[1.0,1.2)', '1.0.3'],
    ['(1.0,)', '2.3.1-4.5.0'],
    ['[,1.0]', '1.0'],
    ['trunk', 'trunk'],
    ['3.0', undefined],
    ['branch', undefined],
  ])('%s means %s', (wanted, chosen) => {
    expect(chooseVersion(wanted, offers)?.version).toBe(chosen)
  })
})
