import { connectProcess } from './process-link.ts'
import { runInstance } from './runtime.ts'

// What boot.cts loads.

runInstance(connectProcess)
