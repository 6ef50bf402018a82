import { type ChildProcess, spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll } from 'vitest'
import { freePort } from '../../bench/harness/server.ts'
import { temporaryFolder } from '../support/temporary.ts'

interface Front {
  port(): number
}

/** A reverse proxy before a node, with connections to it that are kept and shared by all callers. */
export function front(kind: 'nginx' | 'haproxy', node: () => number): Front {
  const folder = temporaryFolder()
  let port = 0
  let child: ChildProcess | undefined
  beforeAll(async () => {
    port = await freePort()
    const file = join(folder, `${kind}.conf`)
    writeFileSync(file, configurations[kind](folder, port, node()))
    const words = kind === 'nginx' ? ['-c', file, '-p', folder, '-g', 'daemon off;'] : ['-f', file, '-db']
    child = spawn(`/usr/sbin/${kind}`, words, { stdio: 'inherit' })
    while (!(await opens(port))) {
      if (child.exitCode !== null) throw new Error(`${kind} ended with ${child.exitCode}`)
      await pause(50)
    }
  })
  afterAll(() => void child?.kill())
  return { port: () => port }
}

const configurations = {
  nginx: (folder: string, port: number, node: number): string => `
worker_processes 1;
pid ${folder}/nginx.pid;
error_log ${folder}/error.log;
events { worker_connections 1024; }
http {
  access_log off;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  upstream node { server 127.0.0.1:${node}; keepalive 4; }
  server {
    listen 127.0.0.1:${port};
    client_body_timeout 1s;
    client_header_timeout 1s;
    location / {
      proxy_pass http://node;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_request_buffering off;
    }
  }
}
`,
  haproxy: (_folder: string, port: number, node: number): string => `
global
  maxconn 500
defaults
  mode http
  timeout connect 5s
  timeout client 5s
  timeout server 5s
  timeout http-request 1s
frontend callers
  bind 127.0.0.1:${port}
  option accept-invalid-http-request
  default_backend node
backend node
  http-reuse always
  option accept-invalid-http-response
  server node 127.0.0.1:${node}
`,
} as const

function opens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}
