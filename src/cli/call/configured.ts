import { getServiceURLs } from '../../cfg/look-up.ts'
import { localConfiguration } from '../../client/local-configuration.ts'
import type { Surroundings } from '../../client/surroundings.ts'

/** Whether the DIRAC configuration of this machine has an address of a service. */
export const isConfigured = (service: string, surroundings: Surroundings): boolean =>
  getServiceURLs(localConfiguration(surroundings), service, { failover: true }).length > 0
