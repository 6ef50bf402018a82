const { ServiceBroker } = require('moleculer')
const ApiService = require('moleculer-web')

const broker = new ServiceBroker({ logger: false })
broker.createService({
  name: 'api',
  mixins: [ApiService],
  settings: {
    port: Number(process.env.PORT),
    ip: '127.0.0.1',
    routes: [{ path: '/', aliases: { 'POST /echo': 'samples.echo' }, bodyParsers: { json: true } }],
  },
})
broker.createService({ name: 'samples', actions: { echo: ({ params }) => params } })
broker.start()
