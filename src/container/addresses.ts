import { inject, injectable } from 'inversify'
import { AddressUnknown } from '../service/nal.ts'
import { addressOf, EndpointTable } from './endpoints.ts'

/** The addresses that this node is served at; the doors say them once they are open. */
@injectable()
export class Addresses {
  /** Base addresses, such as `https://localhost:8443`, the secure one first. */
  bases: readonly string[] = []

  constructor(@inject(EndpointTable) private readonly endpoints: EndpointTable) {}

  /** Where a service can be called: a secure one over HTTPS only. */
  of(services: readonly string[], secure: boolean): readonly string[] {
    const bases = secure ? this.bases.filter((base) => base.startsWith('https:')) : this.bases
    return services.flatMap((service) => bases.map((base) => `${base}${addressOf(service)}`))
  }

  /** The address by which services of this node call each other. @throws {AddressUnknown} */
  ofService(service: string): string {
    const target = this.endpoints.find(addressOf(service))?.target
    const address = target && this.of([service], target.secure)[0]
    if (address === undefined) throw new AddressUnknown(service)
    return address
  }
}
