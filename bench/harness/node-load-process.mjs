// Reads one line of JSON (a request as in server.ts, connections, seconds) and calls until the time or its input ends.
import * as http from 'node:http'
import * as https from 'node:https'
import { createInterface } from 'node:readline'
import { createSecureContext } from 'node:tls'

const lines = createInterface({ input: process.stdin })
const first = await new Promise((resolve) => lines.once('line', resolve))
const { url, contentType, body, connections, seconds, tls, fresh } = JSON.parse(first)

const { Agent, request } = url.startsWith('https:') ? https : http
const agent = fresh ? false : new Agent({ keepAlive: true, maxSockets: connections })
// Read once: what a caller's credentials cost the caller is no part of the measure.
const secure = tls === undefined ? {} : { secureContext: createSecureContext(tls) }
const headers = { 'content-type': contentType, 'content-length': Buffer.byteLength(body) }
let latencies = []
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
    const sent = request(url, { method: 'POST', agent, headers, timeout: 10_000, ...secure }, (answer) => {
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

if (!fresh) await Promise.all(Array.from({ length: connections }, call))
latencies = []
process.stdout.write('READY\n')
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
