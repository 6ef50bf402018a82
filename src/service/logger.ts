const levels = ['debug', 'info', 'warn', 'error'] as const
export type LogLevel = (typeof levels)[number]

/**
 * Writes lines to the log of the running instance, which is its standard output:
 * `2027-01-31T12:00:00.000Z INFO  Samples/Counter: starts at 5`.
 *
 * Further lines of a message are indented by two blanks, so that a line that begins with a time is one that was logged.
 */
export class Logger {
  constructor(
    readonly name: string,
    private readonly write: (text: string) => void = (text) => void process.stdout.write(text),
  ) {}

  debug(message: string, error?: unknown): void {
    this.#line('debug', message, error)
  }

  info(message: string, error?: unknown): void {
    this.#line('info', message, error)
  }

  warn(message: string, error?: unknown): void {
    this.#line('warn', message, error)
  }

  /** With an error its stack is written too. */
  error(message: string, error?: unknown): void {
    this.#line('error', message, error)
  }

  #line(level: LogLevel, message: string, error: unknown): void {
    const trace = error === undefined ? '' : `\n${error instanceof Error ? (error.stack ?? error.message) : error}`
    const text = `${message}${trace}`.replace(/\r\n?|\n/g, '\n  ')
    this.write(`${new Date().toISOString()} ${level.toUpperCase().padEnd(5)} ${this.name}: ${text}\n`)
  }
}

/** For a service that needs no names in its log. */
export const logger = new Logger('service')
