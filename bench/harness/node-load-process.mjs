// Reads one line of JSON (url, contentType, body, connections, seconds) and calls until the time or its input ends.
import { Agent, request } from 'node:http'
import { createInterface } from 'node:readline'

const lines = createInterface({ input: process.stdin })
const first = await new Promise((resolve) => lines.once('line', resolve))
const { url, contentType, body, connections, seconds } = JSON.parse(first)

const agent = new Agent({ keepAlive: true, maxSockets: connections })
const headers = { 'content-type': contentType, 'content-length': Buffer.byteLength(body) }
const latencies = []
const statuses = {}
let failed = 0
let going = true
lines.once('close', () => {
  going = false
})

const call = () =>
  new Promise((resolve) => {
    const begun = process.hrtime.bigint()
    const fail = (what) => {
      failed += 1
      statuses[what] = (statuses[what] ?? 0) + 1
      resolve()
    }
    const sent = request(url, { method: 'POST', agent, headers, timeout: 10_000 }, (answer) => {
      answer.resume()
      answer.once('error', () => fail('read'))
      answer.once('end', () => {
        latencies.push(Number(process.hrtime.bigint() - begun) / 1000)
        if (answer.statusCode >= 400) fail(answer.statusCode)
        else resolve()
      })
    })
    sent.once('timeout', () => sent.destroy(new Error('no answer in time')))
    sent.once('error', (error) => fail(error.code ?? 'timeout'))
    sent.end(body)
  })

const begun = process.hrtime.bigint()
const until = Date.now() + seconds * 1000
await Promise.all(
  Array.from({ length: connections }, async () => {
    while (going && Date.now() < until) await call()
  }),
)
const took = Number(process.hrtime.bigint() - begun) / 1e9
latencies.sort((one, other) => one - other)
const at = (part) => Math.round(latencies[Math.floor((latencies.length - 1) * part)] ?? 0)
const found = { calls: latencies.length, seconds: took, failed, p50: at(0.5), p99: at(0.99), statuses }
process.stdout.write(`LOAD ${JSON.stringify(found)}\n`, () => process.exit(0))
