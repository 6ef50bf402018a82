import type { ServiceNames } from './service-names.ts'

type Texts = Readonly<Record<string, string>>

const json = (value: unknown): string => `${JSON.stringify(value, undefined, 2)}\n`

/** What makes the folder of a new service a project, by path. */
export const project = (names: ServiceNames, version: string): Texts => ({
  'package.json': json({
    name: names.id,
    version: '1.0.0',
    private: true,
    type: 'module',
    scripts: {
      check: 'tsc --noEmit',
      test: `tsc && node --test build/test/${names.id}.test.js`,
      pack: 'dhn pack .',
    },
    devDependencies: { '@types/node': '^20.19.0', dhn: `^${version}`, typescript: '>=5.7.0' },
  }),
  'tsconfig.json': json({
    compilerOptions: {
      target: 'es2023',
      lib: ['es2023'],
      module: 'nodenext',
      types: ['node'],
      strict: true,
      verbatimModuleSyntax: true,
      rewriteRelativeImportExtensions: true,
      skipLibCheck: true,
      rootDir: '.',
      outDir: 'build',
    },
    include: ['src', 'stubs', 'test'],
  }),
  '.gitignore': 'build\nnode_modules\nout\n',
  'README.md': readme(names),
})

const readme = ({ id, name, serviceClass, javaPackage, className, stubs }: ServiceNames): string => `# ${id}

The service ${serviceClass}/${name}.

    $ npm install                 # types and the test need it; packing does not
    $ npm test
    $ dhn pack .
    $ dhn deploy out/${id}.tar.gz --nosec
    $ dhn call ${serviceClass}/${name} greet world

| file | what |
| --- | --- |
| \`src/${javaPackage.replaceAll('.', '/')}/${className}.ts\` | the service: the class that the descriptors name |
| \`stubs/index.ts\` | what other services call it with: \`import { ${name} } from '${stubs}'\` |
| \`etc/deploy-server.wsdd\`, \`etc/deploy-server.wsdd_NOSEC\` | how it is deployed, secure and open |
| \`etc/deploy-jndi-config.xml\` | its settings; all of \`etc/\` is in \`etc/${id}/\` where it runs |
| \`profile.xml\` | its version, packages and dependencies |

A service that calls another names that one's stubs package under Dependencies of its Main package in \`profile.xml\`.
`
