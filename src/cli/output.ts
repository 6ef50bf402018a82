import ansis, { Ansis } from 'ansis'
import { errorAsData } from '../service/errors.ts'
import { plain } from './text.ts'

/** What of a standard stream is used. */
export interface Stream {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): unknown
}

export interface OutputOptions {
  readonly json: boolean
  readonly color: boolean
  readonly out: Stream
  readonly err: Stream
}

/**
 * Where a command's words go: results to standard output, the story of how it went to standard error.
 *
 * With `json` the results are what the API sent, one document, and the story stays away.
 */
export class Output {
  readonly #options: OutputOptions
  readonly #spinner: Spinner | undefined
  /** Colours for standard output; none where no terminal reads it, also in the jobs of a CI that would show them. */
  readonly colors: Ansis
  readonly #storyColors: Ansis

  constructor(options: OutputOptions) {
    this.#options = options
    const none = new Ansis(0)
    this.colors = options.color && !options.json && options.out.isTTY ? ansis : none
    this.#storyColors = options.color && options.err.isTTY ? ansis : none
    if (options.err.isTTY && !options.json) this.#spinner = new Spinner(options.err)
  }

  get json(): boolean {
    return this.#options.json
  }

  /** Columns of the terminal that reads the results, 80 when it doesn't tell; Infinity when it is a pipe or a file. */
  get width(): number {
    return this.#options.out.isTTY ? this.#options.out.columns || 80 : Number.POSITIVE_INFINITY
  }

  /** The result of a command: as text, or with `--json` as it is. */
  result<Value>(value: Value, asText: (value: Value) => string): void {
    this.print(this.json ? JSON.stringify(value, undefined, 2) : asText(value))
  }

  /** A line for standard output. */
  print(text: string): void {
    this.settle()
    if (text !== '') this.#options.out.write(`${text}\n`)
  }

  /** A line of the story. */
  tell(text: string): void {
    if (this.json) return
    this.settle()
    this.#options.err.write(`${text}\n`)
  }

  /** What is going on right now: a spinner on a terminal, nothing elsewhere. */
  working(text: string): void {
    this.#spinner?.show(text)
  }

  /** Takes the spinner away. */
  settle(): void {
    this.#spinner?.hide()
  }

  /** The cause first, then what to do, then the code to look up. */
  error(error: unknown): void {
    this.settle()
    const data = errorAsData(error)
    if (this.json) {
      this.#options.out.write(`${JSON.stringify({ error: data }, undefined, 2)}\n`)
      return
    }
    const { red, bold, dim } = this.#storyColors
    const lines = [`${red.bold('error:')} ${bold(plain(data.message))}`]
    if (data.next !== undefined) lines.push(`  next: ${plain(data.next)}`)
    lines.push(dim(`  code: ${data.code}`))
    this.#options.err.write(`${lines.join('\n')}\n`)
  }
}

const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']

class Spinner {
  readonly #stream: Stream
  #timer: NodeJS.Timeout | undefined
  #text = ''
  #frame = 0

  constructor(stream: Stream) {
    this.#stream = stream
  }

  show(text: string): void {
    this.#text = text
    this.#timer ??= setInterval(() => this.#draw(), 80).unref()
    this.#draw()
  }

  hide(): void {
    if (this.#timer === undefined) return
    clearInterval(this.#timer)
    this.#timer = undefined
    this.#stream.write('\r\u001b[K')
  }

  #draw(): void {
    this.#frame = (this.#frame + 1) % frames.length
    const room = (this.#stream.columns || 80) - 3
    this.#stream.write(`\r\u001b[K${frames[this.#frame]} ${plain(this.#text).slice(0, room)}`)
  }
}
