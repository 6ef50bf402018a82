import { z } from 'zod'
import type { Route, SchemaName } from './route.ts'
import { named } from './schemas.ts'

type Json = Readonly<Record<string, unknown>>

/** The OpenAPI 3.1 document of the admin API, made from the table of its routes. */
export function openApi(routes: readonly Route[], version: string): Json {
  const paths: Record<string, Record<string, Json>> = {}
  for (const route of routes) {
    paths[route.path] ??= {}
    ;(paths[route.path] as Record<string, Json>)[route.verb] = operation(route)
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'dhn admin API',
      version,
      description:
        'What can be asked of a hosting node: by its owner over the unix socket run/admin.sock of its home, and by its administrators over HTTPS with their certificates.',
    },
    servers: [{ url: '/admin/v1' }],
    paths,
    components: { schemas: components() },
  }
}

function operation(route: Route): Json {
  const answers = Object.entries(route.answers).map(([status, { description, schema, lines }]) => {
    const type = schema === 'text' ? 'text/plain' : lines ? 'application/x-ndjson' : 'application/json'
    return [status, { description, content: { [type]: { schema: schemaOf(schema) } } }]
  })
  return {
    operationId: operationId(route),
    summary: route.summary,
    parameters: [...parameters('path', route.params), ...parameters('query', route.query)],
    ...(route.takesArchive
      ? {
          requestBody: {
            required: true,
            description: 'The bytes of the archive',
            content: { 'application/octet-stream': { schema: {} } },
          },
        }
      : {}),
    responses: {
      ...Object.fromEntries(answers),
      default: {
        description: 'It was refused or has failed; the status follows from the code',
        content: { 'application/json': { schema: reference('ErrorData') } },
      },
    },
  }
}

/** Such as `post_deployments_garId_rollback`. */
const operationId = ({ verb, path }: Route): string => `${verb}${path.replaceAll(/[{}]/g, '').replaceAll('/', '_')}`

const reference = (name: SchemaName): Json => ({ $ref: `#/components/schemas/${name}` })

const schemaOf = (schema: SchemaName | readonly [SchemaName] | 'text'): Json =>
  schema === 'text'
    ? { type: 'string' }
    : typeof schema === 'string'
      ? reference(schema)
      : { type: 'array', items: reference(schema[0]) }

function parameters(where: 'path' | 'query', of: z.ZodObject): Json[] {
  const { properties = {}, required = [] } = z.toJSONSchema(of, { io: 'input' })
  return Object.entries(properties).map(([name, property]) => {
    const { description, ...schema } = property as { readonly description?: string }
    return { name, in: where, required: required.includes(name), ...(description && { description }), schema }
  })
}

function components(): Json {
  const registry = z.registry<{ id: string }>()
  for (const [id, schema] of Object.entries(named)) registry.add(schema, { id })
  const { schemas } = z.toJSONSchema(registry, { uri: (id) => `#/components/schemas/${id}`, io: 'input' })
  return Object.fromEntries(
    Object.entries(schemas).map(([name, { $schema: _dialect, $id: _address, ...schema }]) => [name, schema]),
  )
}
