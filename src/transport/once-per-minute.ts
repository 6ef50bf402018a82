const minute = 60_000

/** Tells what goes on for long no more than once a minute. */
export class OncePerMinute {
  #told = 0

  constructor(private readonly say: () => void) {}

  tell(): void {
    if (Date.now() - this.#told < minute) return
    this.#told = Date.now()
    this.say()
  }
}
