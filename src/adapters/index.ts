// What popular drivers need in order to go through a connection: small functions, each for one driver and named
// `<driver><Option>` for the option whose value it makes, none of which loads that driver.

export { type HttpAgentOptions, type HttpsAgentOptions, httpAgent, httpsAgent } from './http.js'
export { ioredisConnector } from './ioredis.js'
export { MongodbProxy, type MongodbProxyOptions, type MongodbProxyRequest, mongodbProxy } from './mongodb.js'
export { type Mysql2Server, mysql2Stream } from './mysql2.js'
export { type NodemailerOpened, type NodemailerServer, nodemailerGetSocket } from './nodemailer.js'
export type { OpensSockets } from './opens-sockets.js'
export { pgStream } from './pg.js'
export { type PostgresServer, postgresSocket } from './postgres.js'
export { type OpensForwards, type RedisSocket, type RedisSocketOptions, redisSocket } from './redis.js'
export {
  type UndiciConnectOptions,
  type UndiciOrigin,
  type UndiciReady,
  undiciConnect,
} from './undici.js'
export { wsAgent } from './ws.js'
