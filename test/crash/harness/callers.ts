import { Agent, request } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import type { Model } from './model.ts'
import type { Gar } from './services.ts'

export interface Answer {
  /** 0: no answer. */
  readonly status: number
  readonly value: unknown
}

/** Between two calls of one caller, ms. */
const rest = 20
const patience = 20_000
/** How long the end of a process may take to be heard of, ms. */
const noticed = 3000

/** A call as any client makes it. */
export function call(url: string, method: string, agent?: Agent): Promise<Answer> {
  const body = new URLSearchParams({ method, args: '[]' }).toString()
  const headers = { 'content-type': 'application/x-www-form-urlencoded', 'content-length': body.length }
  return new Promise((resolve) => {
    const failed = (): void => resolve({ status: 0, value: undefined })
    const asked = request(url, { method: 'POST', headers, timeout: patience, agent: agent ?? false }, (answer) => {
      let text = ''
      answer.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk
      })
      answer.once('error', failed).once('end', () => resolve({ status: answer.statusCode ?? 0, value: valueIn(text) }))
    })
    asked.once('timeout', () => asked.destroy()).once('error', failed)
    asked.end(body)
  })
}

/** What a service returned, or what was said in place of it, which isn't always JSON. */
function valueIn(text: string): unknown {
  try {
    const { Value: value, Message: message } = JSON.parse(text) as { Value?: unknown; Message?: unknown }
    return value ?? message
  } catch {
    return text
  }
}

/**
 * Callers of every service of a node, who never pause: each answer must be one that the model allows, and a service that
 * is to be ready the whole time answers every call, whatever is done to it.
 */
export class Callers {
  /** GAR IDs whose process was killed: what their callers hear until it is back is not held against them. */
  readonly disturbed = new Set<string>()
  #calls = 0
  #running = true
  readonly #agent = new Agent({ keepAlive: true })
  readonly #all: Promise<unknown>

  constructor(
    private readonly url: string,
    private readonly model: Model,
    private readonly isOver: () => boolean,
    private readonly wrong: (what: string) => void,
    gars: readonly Gar[],
  ) {
    this.#all = Promise.all(gars.map((gar) => this.#one(gar)))
  }

  /** How many were answered, when all have ended. */
  async stop(): Promise<number> {
    this.#running = false
    await this.#all
    this.#agent.destroy()
    return this.#calls
  }

  async #one({ garId, path }: Gar): Promise<void> {
    while (this.#running && !this.isOver()) {
      const before = this.model.answers(garId)
      const wasDisturbed = this.disturbed.has(garId)
      const { status, value } = await call(`${this.url}${path}`, 'version', this.#agent)
      const after = this.model.answers(garId)
      if (status > 0) this.#calls += 1
      const labels = [...before.labels, ...after.labels]
      if (status === 200 && !labels.includes(String(value))) {
        this.wrong(`${garId} answers "${value}" where "${labels.join('" or "')}" is live`)
      }
      const excused = wasDisturbed || this.disturbed.has(garId)
      if (status !== 200 && before.always && after.always && !excused) {
        // A node that was killed just now is seen to be over only a moment later.
        for (let waited = 0; status === 0 && !this.isOver() && waited < noticed; waited += rest) await pause(rest)
        if (!this.isOver()) this.wrong(`${garId} is ready and answers ${status} ${value ?? ''}`)
      }
      await pause(rest)
    }
  }
}
