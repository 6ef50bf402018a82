// The measure of all: Node's own HTTP or HTTPS server, which parses the JSON of each call and answers with it.
import { constants } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createServer as createSecureServer } from 'node:https'

const { PORT, HOST_CERTIFICATE, HOST_KEY } = process.env

function answer(request, response) {
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
}

// Asks for a certificate and looks at none; no sessions are resumed, as dhn resumes none.
const secure = () => ({
  cert: readFileSync(HOST_CERTIFICATE),
  key: readFileSync(HOST_KEY),
  requestCert: true,
  rejectUnauthorized: false,
  secureOptions: constants.SSL_OP_NO_TICKET,
})
const server = HOST_KEY === undefined ? createServer(answer) : createSecureServer(secure(), answer)
server.listen(Number(PORT), '127.0.0.1', 1024)
