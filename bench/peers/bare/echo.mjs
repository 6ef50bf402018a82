// The measure of all: Node's own HTTP server, which parses the JSON of each call and answers with it.
import { createServer } from 'node:http'

createServer((request, response) => {
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
}).listen(Number(process.env.PORT), '127.0.0.1', 1024)
