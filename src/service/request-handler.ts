import { type RemoteCredentials, remoteCredentials } from './caller.ts'

/**
 * What a class that answers remote calls may extend: each method `export_<name>` is the remote method `<name>`, and a
 * field `auth_<name>` says who may call it, as a list or a text with commas.
 *
 *     class Counter extends RequestHandler {
 *       auth_add = ['all']
 *       export_add(n: number) { return S_OK(n + 1) }
 *     }
 *
 * `ping`, `echo` and `whoami` are there without being written. A class with `export_` methods that extends nothing is served
 * just the same.
 */
export abstract class RequestHandler {
  /**
   * Who makes the call that is being answered, also after an `await`, and whatever the scope of the service: of calls that
   * run side by side each sees its own caller. Empty when nobody is known.
   */
  getRemoteCredentials(): RemoteCredentials {
    return remoteCredentials()
  }
}
