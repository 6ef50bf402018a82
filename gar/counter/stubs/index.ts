import { NAL, type ReturnStructure, ServiceClient } from 'dhn/service'

/** The counter as its callers see it. */
export class Counter {
  readonly #service: ServiceClient

  constructor(address: string | URL) {
    this.#service = new ServiceClient(address)
  }

  /** The counter of the node that the calling service runs on. */
  static async ofThisNode(): Promise<Counter> {
    return new Counter(await NAL.getAddress('Samples/Counter'))
  }

  value(): Promise<ReturnStructure<number>> {
    return this.#service.call('value')
  }

  add(steps = 1): Promise<ReturnStructure<number>> {
    return this.#service.call('add', [steps])
  }

  reset(): Promise<ReturnStructure<number>> {
    return this.#service.call('reset')
  }
}
