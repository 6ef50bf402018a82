import { describe, expect, it } from 'vitest'
import {
  type CfgSection,
  dictOf,
  getGatewayURLs,
  getOperationsOption,
  getOptions,
  getOptionsDict,
  getSections,
  getServiceOption,
  getServiceSection,
  getServiceURL,
  getServiceURLs,
  getSetup,
  getSystemInstance,
  getSystemSection,
  parseCfg,
} from '../../src/cfg/index.ts'

const systems = (dirac: string, open: string, close: string): CfgSection =>
  parseCfg(`
DIRAC {
  ${dirac}
  Gateways {
    DIRAC.CERN.ch = https://gw.example.org:9443
  }
}
Systems {
  Samples {
    ${open}
    Services {
      Echo {
        Protocol = https
        Port = 9443
      }
    }
    URLs {
      Echo = https://one.example.org, https://$MAINSERVERS$:9443/Samples/Echo
      Bare = dips://two.example.org:9135
    }
    FailoverURLs {
      Echo = https://one.example.org/Samples/Echo, https://late.example.org:443/Samples/Echo
    }
    ${close}
  }
}
Operations {
  Defaults {
    MainServers = main1, main2
    Timeout = 5
  }
  lhcb {
    Defaults {
      Timeout = 7
    }
  }
}`)

const withInstances = systems('Setup = Main\nSetups {\nMain {\nSamples = Production\n}\n}', 'Production {', '}')

describe.each([
  ['with setups and instances', withInstances, '/Systems/Samples/Production'],
  ['with NoSetup', systems('Setup = Main\nNoSetup = True', '', ''), '/Systems/Samples'],
  ['without setups', systems('', '', ''), '/Systems/Samples'],
  [
    'with a setup whose system stands without instance',
    systems('Setup = Main\nSetups {\nMain {\nSamples = Production\n}\n}', '', ''),
    '/Systems/Samples',
  ],
])('a configuration %s', (_, root, section) => {
  it('has the sections of a system and its services', () => {
    expect(getSystemSection(root, 'Samples')).toBe(section)
    expect(getServiceSection(root, 'Samples/Echo')).toBe(`${section}/Services/Echo`)
    expect(getServiceOption(root, 'Samples/Echo', 'Port', 1)).toBe(9443)
    expect(getServiceOption(root, 'Samples/Echo', 'Nothing', 'x')).toBe('x')
    expect(getSections(root, `${section}/Services`)).toEqual(['Echo'])
    expect(getOptions(root, `${section}/Services/Echo`)).toEqual(['Protocol', 'Port'])
    expect([...getOptionsDict(root, `${section}/Services/Echo`)]).toEqual([
      ['Protocol', 'https'],
      ['Port', '9443'],
    ])
  })

  it('has addresses with port and path, those for a failover last and none twice', () => {
    const urls = [
      'https://one.example.org:443/Samples/Echo',
      'https://main1:9443/Samples/Echo',
      'https://main2:9443/Samples/Echo',
    ]
    expect(getServiceURLs(root, 'Samples/Echo')).toEqual(urls)
    const late = 'https://late.example.org:443/Samples/Echo'
    expect(getServiceURLs(root, 'Samples/Echo', { failover: true })).toEqual([...urls, late])
    expect(getServiceURL(root, 'Samples/Bare')).toBe('dips://two.example.org:9135/Samples/Bare')
    expect(getServiceURL(root, 'Samples/None')).toBeUndefined()
    expect(getGatewayURLs(root, 'DIRAC.CERN.ch')).toEqual(['https://gw.example.org:9443'])
  })
})

it('a setup and an instance are known where there are some', () => {
  expect(getSetup(withInstances)).toBe('Main')
  expect(getSystemInstance(withInstances, 'Samples')).toBe('Production')
  expect(getSystemInstance(withInstances, 'Other')).toBeUndefined()
  expect(getSystemSection(withInstances, 'Other')).toBe('/Systems/Other')
  expect(getSetup(parseCfg('DIRAC {\nSetup = Main\nNoSetup = yes\n}'))).toBeUndefined()
})

it('what Operations say for a VO counts before what they say for all', () => {
  expect(getOperationsOption(withInstances, 'Timeout', 1)).toBe(5)
  expect(getOperationsOption(withInstances, 'Timeout', 1, 'lhcb')).toBe(7)
  expect(getOperationsOption(withInstances, 'MainServers', [], 'lhcb')).toEqual(['main1', 'main2'])
})

it('a dictionary is a list of pairs, and a name alone is true', () => {
  expect([...dictOf('a:b, c, d : e:f')]).toEqual([
    ['a', 'b'],
    ['c', true],
    ['d', 'e:f'],
  ])
})
