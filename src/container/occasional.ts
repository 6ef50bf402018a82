/** Tells what anybody can cause as often as he likes: so many times a second, and then how many went untold. */
export class Occasional {
  #second = 0
  #told = 0
  #untold = 0

  constructor(private readonly perSecond: number) {}

  tell(say: (untold: number) => void): void {
    const second = Math.floor(Date.now() / 1000)
    if (second !== this.#second) {
      this.#second = second
      this.#told = 0
    }
    if (this.#told >= this.perSecond) {
      this.#untold += 1
      return
    }
    this.#told += 1
    const untold = this.#untold
    this.#untold = 0
    say(untold)
  }
}
