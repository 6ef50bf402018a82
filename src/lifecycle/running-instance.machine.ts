import { type ActorRefFrom, assign, fromPromise, type SnapshotFrom, setup } from 'xstate'
import { type ErrorData, errorAsData } from '../service/errors.ts'
import { GatesClosed, type LimitedStep, StepTooLong } from './lifecycle-errors.ts'
import type { By, LifecycleContext, LifecycleEvent, LifecycleInput, LifecycleLimits } from './lifecycle-vocabulary.ts'
import { defaultRestartPolicy, nextRestart } from './restart-policy.ts'

const notProvided = fromPromise<void, undefined>(async () => {
  throw new Error('the work of the lifecycle is provided where the instance is made')
})

/** The place is ended by force when `limits.stop` is over; this long that may take. */
const force = 2_000
/** Of the failures since it was last healthy, so many are kept: more make no difference to the back-off. */
const keptFailures = 64

const tooLong = (step: LimitedStep, limit: keyof LifecycleLimits) => ({
  type: 'keepCause' as const,
  params: ({ context }: { readonly context: LifecycleContext }) => ({
    cause: errorAsData(new StepTooLong(step, context.limits[limit])),
  }),
})
const thrown = {
  type: 'keepCause' as const,
  params: ({ event }: { readonly event: { readonly error: unknown } }) => ({ cause: errorAsData(event.error) }),
}
const given = {
  type: 'keepCause' as const,
  params: ({ event }: { readonly event: { readonly cause: ErrorData } }) => ({ cause: event.cause }),
}
const adopted = {
  type: 'adoptPolicy' as const,
  params: ({ event }: { readonly event: Pick<LifecycleContext, 'policy'> }) => ({ policy: event.policy }),
}
/** From every state in which the place lives and was heard of. */
const mayFail = {
  fail: { target: '#instance.failed.telling', actions: given },
  ended: { target: '#instance.failed.releasing', actions: given },
}
const intoReadying = [
  { guard: 'isSubstitute' as const, target: '#instance.readying.substituting' },
  { target: '#instance.readying.preparing' },
]
const keepDesired = (desired: 'ready' | 'disabled') => ({ type: 'keepDesired' as const, params: byOperator(desired) })
const byOperator =
  (desired: 'ready' | 'disabled') =>
  ({ context, event }: { readonly context: LifecycleContext; readonly event: { readonly by: By } }) => ({
    desired: event.by === 'operator' ? desired : context.desired,
  })

/**
 * The life of a running instance.
 *
 *     deployed ──launch──> registered ──gates──> readying ──ready() ok──> ready <──────────> disabled
 *         │                    │    └─desired=disabled──────────────────────┼─────────────────>  │
 *         │                    │                    │                       │  draining > telling > quiet
 *         └── ended, thrown, too long, fail ──> failed <────────────────────┴────────────────────┘
 *                                                 telling > releasing > waiting | gaveUp
 *             waiting ──its time, restart──> deployed           any ──stop──> stopping ──> down
 *
 * Only `ready` is tagged `serving`. `settled` is where nothing more happens by itself but a restart.
 *
 * It does no input or output: `launch`, `gates`, `redeployed`, `ready`, `drain`, `disabled`, `failed`, `release` and
 * `stop` are provided where the instance is made, and so are the actions `open` and `close`, which set the plain field
 * that the request path reads. Work that is left behind gets its signal aborted and its end is ignored.
 *
 * One callback runs at a time, but for one case: a service that says `failed`, or an instance that took too long, is
 * told `failed()` though its callback may still run. After each `launch` comes exactly one of `release` and `stop`.
 *
 * @see docs/lifecycle.md for who is called when and what was decided
 */
export const runningInstance = setup({
  types: {
    input: {} as LifecycleInput,
    context: {} as LifecycleContext,
    events: {} as LifecycleEvent,
    tags: {} as 'serving' | 'settled',
  },
  actors: {
    /** Makes and starts a place; resolves when the service has registered. */
    launch: notProvided,
    /** Resolves when credentials, persisted state and dependencies are there; sends `waits` meanwhile. */
    gates: notProvided,
    redeployed: notProvided,
    ready: notProvided,
    /** Resolves when no call is in flight. */
    drain: notProvided,
    disabled: notProvided,
    failed: notProvided,
    /** Throws the place of a failed instance away, whether it lives or not. */
    release: notProvided,
    /** Lets the service end and ends its place. */
    stop: notProvided,
  },
  actions: {
    /** Calls may come in. */
    open: () => {},
    /** Calls are refused from now on. */
    close: () => {},
    enter: assign(() => ({ since: Date.now(), waitsFor: [], nextAttemptAt: undefined, gaveUp: undefined })),
    adoptPolicy: assign((_, { policy }: Pick<LifecycleContext, 'policy'>) => ({ policy })),
    keepCause: assign((_, { cause }: { readonly cause: ErrorData }) => ({ cause })),
    clearCause: assign(() => ({ cause: undefined })),
    keepDesired: assign((_, { desired }: { readonly desired: 'ready' | 'disabled' }) => ({ desired })),
    ask: assign((_, { asked }: { readonly asked: LifecycleContext['asked'] }) => ({ asked })),
    hasReplaced: assign(() => ({ substitute: false })),
    recordFailure: assign(({ context }) => ({
      failures: [...context.failures, Date.now()].slice(-keptFailures),
      asked: undefined,
    })),
    forgetFailures: assign(() => ({ failures: [], attempts: 0 })),
    planRestart: assign(({ context }) => {
      const next = nextRestart(context.policy, context.failures, Date.now(), Math.random)
      return 'at' in next
        ? { nextAttemptAt: next.at, gaveUp: undefined }
        : { nextAttemptAt: undefined, gaveUp: next.gaveUp }
    }),
    startAnew: assign(() => ({ substitute: true, asked: undefined })),
    countAttempt: assign(({ context }) => ({ attempts: context.attempts + 1 })),
  },
  guards: {
    isSubstitute: ({ context }) => context.substitute,
    wantsDisabled: ({ context }) => context.desired === 'disabled',
    enableAsked: ({ context }) => context.asked === 'enable',
    restartAsked: ({ context }) => context.asked === 'restart',
    stopAsked: ({ context }) => context.asked === 'stop',
    stopNotAsked: ({ context }) => context.asked !== 'stop',
    willRestart: ({ context }) => context.nextAttemptAt !== undefined,
  },
  delays: {
    start: ({ context }) => context.limits.start,
    gates: ({ context }) => context.limits.gates,
    ready: ({ context }) => context.limits.ready,
    callback: ({ context }) => context.limits.callback,
    drain: ({ context }) => context.limits.drain,
    stop: ({ context }) => context.limits.stop + force,
    healthy: ({ context }) => (context.policy === 'never' ? defaultRestartPolicy : context.policy).healthyAfter,
    nextAttempt: ({ context }) => Math.max(0, (context.nextAttemptAt ?? 0) - Date.now()),
  },
}).createMachine({
  id: 'instance',
  context: ({ input }) => ({ ...input, since: Date.now(), failures: [], attempts: 0, waitsFor: [] }),
  initial: 'deployed',
  on: { adopt: { actions: adopted } },
  states: {
    deployed: {
      entry: 'enter',
      invoke: { src: 'launch', onDone: 'registered', onError: { target: 'failed.releasing', actions: thrown } },
      after: { start: { target: 'failed.releasing', actions: tooLong('start', 'start') } },
      on: { ended: { target: 'failed.releasing', actions: given }, stop: 'stopping.ending' },
    },

    registered: {
      entry: 'enter',
      invoke: {
        src: 'gates',
        onDone: [{ guard: 'wantsDisabled', target: 'disabled.quiet' }, ...intoReadying],
        onError: { target: 'failed.telling', actions: thrown },
      },
      after: {
        gates: {
          target: 'failed.telling',
          actions: {
            type: 'keepCause',
            params: ({ context }) => ({ cause: errorAsData(new GatesClosed(context.waitsFor, context.limits.gates)) }),
          },
        },
      },
      on: {
        ...mayFail,
        waits: { actions: assign(({ event }) => ({ waitsFor: event.waitsFor })) },
        stop: 'stopping.ending',
      },
    },

    readying: {
      entry: 'enter',
      initial: 'preparing',
      on: { ...mayFail, stop: 'stopping.ending' },
      states: {
        substituting: {
          invoke: {
            src: 'redeployed',
            onDone: { target: 'preparing', actions: 'hasReplaced' },
            onError: { target: '#instance.failed.telling', actions: thrown },
          },
          after: { callback: { target: '#instance.failed.telling', actions: tooLong('redeployed()', 'callback') } },
        },
        preparing: {
          invoke: {
            src: 'ready',
            onDone: '#instance.ready',
            onError: { target: '#instance.failed.telling', actions: thrown },
          },
          after: { ready: { target: '#instance.failed.telling', actions: tooLong('ready()', 'ready') } },
        },
      },
    },

    ready: {
      tags: ['serving', 'settled'],
      entry: ['enter', 'clearCause', 'open'],
      exit: 'close',
      after: { healthy: { actions: 'forgetFailures' } },
      on: {
        ...mayFail,
        enable: { actions: keepDesired('ready') },
        disable: { target: 'disabled.draining', actions: keepDesired('disabled') },
        stop: 'stopping.draining',
      },
    },

    disabled: {
      entry: ['enter', 'clearCause'],
      initial: 'draining',
      on: {
        ...mayFail,
        // The service is told first: its callbacks never overlap.
        enable: { actions: [keepDesired('ready'), { type: 'ask', params: { asked: 'enable' } }] },
        disable: { actions: [keepDesired('disabled'), { type: 'ask', params: { asked: undefined } }] },
        stop: 'stopping.ending',
      },
      states: {
        draining: {
          invoke: { src: 'drain', onDone: 'telling', onError: 'telling' },
          after: { drain: 'telling' },
          on: { stop: '#instance.stopping.draining' },
        },
        telling: {
          invoke: { src: 'disabled', onDone: 'told', onError: { target: 'told', actions: thrown } },
          after: { callback: { target: 'told', actions: tooLong('disabled()', 'callback') } },
        },
        told: { always: [{ guard: 'enableAsked', target: 'enabling' }, { target: 'quiet' }] },
        quiet: {
          tags: 'settled',
          on: { enable: { target: 'enabling', actions: keepDesired('ready') } },
        },
        enabling: { entry: { type: 'ask', params: { asked: undefined } }, always: intoReadying },
      },
    },

    failed: {
      entry: ['enter', 'recordFailure'],
      initial: 'telling',
      states: {
        telling: {
          invoke: { src: 'failed', onDone: 'releasing', onError: 'releasing' },
          after: { callback: 'releasing' },
          on: {
            ended: 'releasing',
            restart: { actions: { type: 'ask', params: { asked: 'restart' } } },
            stop: '#instance.stopping.ending',
          },
        },
        releasing: {
          invoke: { src: 'release', onDone: 'deciding', onError: 'deciding' },
          after: { stop: 'deciding' },
          on: {
            restart: { guard: 'stopNotAsked', actions: { type: 'ask', params: { asked: 'restart' } } },
            stop: { actions: { type: 'ask', params: { asked: 'stop' } } },
          },
        },
        deciding: {
          entry: 'planRestart',
          always: [
            { guard: 'stopAsked', target: '#instance.down' },
            { guard: 'restartAsked', target: '#instance.deployed', actions: ['forgetFailures', 'startAnew'] },
            { guard: 'willRestart', target: 'waiting' },
            { target: 'gaveUp' },
          ],
        },
        waiting: {
          tags: 'settled',
          after: { nextAttempt: { target: '#instance.deployed', actions: ['countAttempt', 'startAnew'] } },
          on: {
            restart: { target: '#instance.deployed', actions: ['forgetFailures', 'startAnew'] },
            stop: '#instance.down',
          },
        },
        gaveUp: {
          tags: 'settled',
          on: {
            adopt: { target: 'deciding', actions: adopted },
            restart: { target: '#instance.deployed', actions: ['forgetFailures', 'startAnew'] },
            stop: '#instance.down',
          },
        },
      },
    },

    stopping: {
      entry: 'enter',
      initial: 'ending',
      states: {
        draining: {
          invoke: { src: 'drain', onDone: 'ending', onError: 'ending' },
          after: { drain: 'ending' },
          on: { ended: 'ending' },
        },
        ending: {
          invoke: { src: 'stop', onDone: '#instance.down', onError: '#instance.down' },
          after: { stop: '#instance.down' },
        },
      },
    },

    down: { type: 'final', tags: 'settled', entry: 'enter' },
  },
})

export type RunningInstance = ActorRefFrom<typeof runningInstance>
export type LifecycleSnapshot = SnapshotFrom<typeof runningInstance>
