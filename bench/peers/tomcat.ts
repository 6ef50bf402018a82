import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { CannotHave, debianVersion, installDebian } from '../harness/install.ts'
import { isThere } from '../harness/machine.ts'
import { freePort, startServer } from '../harness/server.ts'
import { jsonEcho } from './json-echo.ts'
import type { Peer, PeerPlace } from './peer.ts'

const jars = ['jackson-annotations', 'jackson-core', 'jackson-databind'].map((name) => `/usr/share/java/${name}.jar`)

/** Tomcat of Debian with a servlet that reads and writes JSON with Jackson; started by its own script, without its system service. */
export const tomcat: Peer = {
  id: 'Tomcat, a servlet',
  async install({ tell }) {
    installDebian(['tomcat10-common', 'libjackson2-databind-java'], tell)
    if (!isThere('javac')) installDebian(['default-jdk-headless'], tell)
    if (!isThere('javac')) throw new CannotHave('needs javac')
  },
  version: () => {
    const java = /"([^"]+)"/.exec(execFileSync('bash', ['-c', 'java -version 2>&1'], { encoding: 'utf8' }))?.[1]
    return `tomcat10 ${debianVersion('tomcat10-common')} on Java ${java}`
  },
  async start(place, size) {
    const { folder, cores, stops } = place
    const base = makeBase(place)
    const port = await freePort()
    return startServer(
      {
        name: 'Tomcat, a servlet',
        command: '/usr/share/tomcat10/bin/catalina.sh',
        args: ['run'],
        environment: {
          CATALINA_HOME: '/usr/share/tomcat10',
          CATALINA_BASE: base,
          CATALINA_OPTS: `-Xmx512m -Decho.port=${port}`,
        },
        cpu: cores.server,
        request: jsonEcho(`http://127.0.0.1:${port}/echo`, size),
        log: join(folder, 'run.log'),
      },
      stops,
    )
  },
}

/** A Tomcat of its own: configuration, and one web application with the compiled servlet. */
function makeBase({ source, folder }: PeerPlace): string {
  const base = join(folder, 'base')
  rmSync(base, { recursive: true, force: true })
  const application = join(base, 'webapps', 'ROOT', 'WEB-INF')
  for (const each of ['conf', 'logs', 'temp', 'work']) mkdirSync(join(base, each), { recursive: true })
  mkdirSync(join(application, 'lib'), { recursive: true })
  copyFileSync(join(source, 'server.xml'), join(base, 'conf', 'server.xml'))
  copyFileSync(join(source, 'web.xml'), join(application, 'web.xml'))
  for (const jar of jars) copyFileSync(jar, join(application, 'lib', jar.split('/').at(-1) as string))
  const classPath = ['/usr/share/tomcat10/lib/servlet-api.jar', '/usr/share/java/tomcat10-servlet-api.jar', ...jars]
  const classes = join(application, 'classes')
  execFileSync('javac', ['-cp', classPath.join(':'), '-d', classes, join(source, 'Echo.java')], { stdio: 'pipe' })
  return base
}
