/** A run that others can reach: the control socket, its protocol, how sessions are found, and the client. */
export { type ConnectOptions, connect } from './client.js';
export { checkSessionName, sessionNameFrom } from './description.js';
export { type SessionEnvironment, systemEnvironment } from './directory.js';
export { type ChooseOptions, chooseSession, type DiscoveryOptions, listSessions } from './discovery.js';
export type { Accepted, PublishInput, SessionHost, SessionInfo, SettledSummary } from './host.js';
export {
  type ExpectationState,
  type FaultChange,
  type Method,
  type Params,
  type PayloadOf,
  PROTOCOL_VERSION,
  type Result,
  type SessionDescription,
  type Settled,
  type WatchFilter,
} from './protocol.js';
export { type OpenSession, type ServeOptions, serveSession } from './server.js';
export type { Acknowledged, FollowOptions, PublishRequest, SessionClient, SessionNotice } from './session-client.js';
