import { connectProcess } from './process-link.ts'
import { runInstance } from './runtime.ts'

// The entry of a process that runs the service of one deployment.

runInstance(connectProcess)
