import v8 = require('node:v8')

// The entry of a process that runs the service of one deployment.
//
// Node brings its own modules compiled, and V8 takes them only with the flags they were compiled with. The limit of the
// heap is such a flag. It counts once, before this runs, so it is set back while Node's modules are loaded: 8 ms of 54.
// Heaps of threads that the service starts have the limit again.

const limit = process.execArgv.find((argument) => argument.startsWith('--max-old-space-size='))
if (limit !== undefined) v8.setFlagsFromString('--max-old-space-size=0')
void import('./main.ts').then(() => {
  if (limit !== undefined) v8.setFlagsFromString(limit)
})
