import { createServer } from 'node:http'

export function create() {
  return createServer((request, response) => {
    let first
    let all
    request.on('data', (chunk) => {
      if (first === undefined) first = chunk
      else {
        all ??= [first]
        all.push(chunk)
      }
    })
    request.on('end', () => {
      const body = all === undefined ? first : Buffer.concat(all)
      const answer = JSON.stringify(JSON.parse(body.toString()))
      response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(answer) })
      response.end(answer)
    })
  })
}
