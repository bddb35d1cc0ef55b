/** A run that others can reach: the control socket, its protocol, how sessions are found, and the client. */
export type { Accepted, PublishInput, SessionHost, SessionInfo, SettledSummary } from './host.js';
export {
  type FaultChange,
  type Method,
  type Params,
  PROTOCOL_VERSION,
  type Result,
  type SessionDescription,
  type Settled,
  type WatchFilter,
} from './protocol.js';
export type { Acknowledged, FollowOptions, SessionClient, SessionNotice } from './session-client.js';
