import type { ServiceNames } from './service-names.ts'

type Texts = Readonly<Record<string, string>>

/** The TypeScript of a new service, by path. */
export function sources(names: ServiceNames): Texts {
  const { id, javaPackage, className } = names
  return {
    [`src/${javaPackage.replaceAll('.', '/')}/${className}.ts`]: service(names),
    'stubs/index.ts': stubs(names),
    [`test/${id}.test.ts`]: test(names),
  }
}

const service = ({
  name,
  serviceClass,
  className,
}: ServiceNames): string => `import { gCubeStartupManager, Logger, NAL, RequestHandler, S_ERROR, S_OK } from 'dhn/service'

const log = new Logger('${serviceClass}/${name}')
let greeting = ''

/** Greets. Each \`export_\` method can be called from afar; the \`auth_\` field beside it says by whom. */
export class ${className} extends RequestHandler {
  static {
    gCubeStartupManager.registerRI('${serviceClass}', '${name}', {
      // Called before the first call is let in: read settings here, open connections. What it throws is shown to the operator.
      ready() {
        greeting = NAL.lookup('services/${serviceClass}/${name}/greeting', 'string')
        log.info(\`greets with "\${greeting}"\`)
      },
      failed: () => log.error('failed'),
      disabled: () => log.info('disabled'),
      redeployed: () => log.warn('takes over from one that died'),
    })
  }

  auth_greet = ['all']
  export_greet(whom: unknown) {
    if (typeof whom !== 'string' || whom === '') return S_ERROR('greet takes a name')
    return S_OK(\`\${greeting}, \${whom}\`)
  }
}
`

const stubs = ({
  name,
  serviceClass,
}: ServiceNames): string => `import { NAL, type ReturnStructure, ServiceClient } from 'dhn/service'

/** ${serviceClass}/${name} as its callers see it. */
export class ${name} {
  readonly #service: ServiceClient

  constructor(address: string | URL) {
    this.#service = new ServiceClient(address)
  }

  /** The one of the node that the calling service runs on. */
  static async ofThisNode(): Promise<${name}> {
    return new ${name}(await NAL.getAddress('${serviceClass}/${name}'))
  }

  greet(whom: string): Promise<ReturnStructure<string>> {
    return this.#service.call('greet', [whom])
  }
}
`

const test = ({
  name,
  serviceClass,
  className,
  javaPackage,
}: ServiceNames): string => `import assert from 'node:assert/strict'
import { test } from 'node:test'
import { offlineNode, S_OK } from 'dhn/service'
import { ${className} } from '../src/${javaPackage.replaceAll('.', '/')}/${className}.ts'

test('greets with the greeting of its settings', async () => {
  const node = offlineNode({ jndi: { 'java:comp/env/services/${serviceClass}/${name}/greeting': 'hello' } })
  await node.registered[0]?.callback.ready()
  assert.deepEqual(new ${className}().export_greet('world'), S_OK('hello, world'))
  node.close()
})
`
