import type { Home } from '../store/home.ts'
import { pathSegment } from './path-segment.ts'

/** One stubs package as it lies on disk: its content never changes, another content is another folder. */
export interface StubsContent {
  /** `<service class>/<service name>/<package name>`. */
  readonly package: string
  readonly version: string
  readonly digest: string
}

/** Where its files are: `stubs/<package>/<version>/<digest>`, encoded. */
export function stubsFolder(home: Home, { package: name, version, digest }: StubsContent): string {
  return home.stubs(pathSegment(name), pathSegment(version), pathSegment(digest))
}
