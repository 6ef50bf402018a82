import { expect, it } from 'vitest'
import { parseCfg } from '../../src/cfg/parse-cfg.ts'
import { configurationFor, withSections } from '../../src/container/service-configuration.ts'
import type { PlaceService } from '../../src/isolate/place.ts'

const cfg = parseCfg(
  `
DIRAC
{
  Setup = Test
  Setups
  {
    Test
    {
      Own = Production
    }
  }
}
DHN
{
  Port = 1
}
Registry
{
  DefaultGroup = users
}
Systems
{
  Own
  {
    Production
    {
      Services
      {
        One
        {
          Password = secret
        }
      }
    }
  }
  Other
  {
    Services
    {
      Two
      {
        Password = secret
      }
    }
    URLs
    {
      Two = https://other/Other/Two
    }
    Production
    {
      FailoverURLs
      {
        Two = https://third/Other/Two
      }
      Databases
      {
        Password = secret
      }
    }
  }
}
`,
  'test.cfg',
)
const services = [{ name: 'Own/One' }, { name: 'Own/Absent' }] as PlaceService[]

it("a service sees its system's section and others' addresses, not the node's own options nor people", () => {
  expect(configurationFor(services, cfg)).toEqual({
    DIRAC: { Setup: 'Test', Setups: { Test: { Own: 'Production' } } },
    Systems: {
      Own: { Production: { Services: { One: { Password: 'secret' } } } },
      Other: {
        URLs: { Two: 'https://other/Other/Two' },
        Production: { FailoverURLs: { Two: 'https://third/Other/Two' } },
      },
    },
  })
  expect(withSections(services, cfg).map(({ section }) => section)).toEqual([
    '/Systems/Own/Production/Services/One',
    '/Systems/Own/Production/Services/Absent',
  ])
})
