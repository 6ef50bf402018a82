/**
 * The addresses of a service that failed lately, for one client. They are tried last, and so are others of their hosts;
 * when all have failed, all have another chance.
 */
export class Bans {
  readonly #banned = new Set<string>()

  add(address: URL): void {
    this.#banned.add(address.href)
  }

  /** The same addresses in the order in which to try them. */
  order(addresses: readonly URL[]): readonly URL[] {
    if (addresses.every(({ href }) => this.#banned.has(href))) this.#banned.clear()
    const hosts = new Set([...this.#banned].map((href) => new URL(href).hostname))
    const rank = ({ href, hostname }: URL): number => (this.#banned.has(href) ? 2 : hosts.has(hostname) ? 1 : 0)
    return [...addresses].sort((one, other) => rank(one) - rank(other))
  }
}
