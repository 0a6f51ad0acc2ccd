import { formatIp } from '../../kernel/address.ts';
import { fieldLines } from './format.ts';
import { type ServerData, serverData, serverLines } from './radius-servers.ts';
import { type Moment, shown, type View, type ViewSource } from './view.ts';

/** Secrets are never shown. */
export interface MrmeServiceData {
  readonly service: string;
  readonly twanProfiles: readonly string[];
  readonly bind: { readonly address: string; readonly interface: string | null; readonly sourcePorts: number };
  readonly nasIdentifier: string;
  readonly nasIpAddress: string;
  readonly userName: { readonly format: string; readonly case: string; readonly realm: string | null };
  readonly timeoutMs: number;
  readonly retransmissions: number;
  readonly deadTimeMs: number;
  readonly outstandingMax: number;
  readonly sessions: { readonly current: number; readonly authenticating: number };
  /** Requests that wait for a free identifier. */
  readonly waiting: number;
  readonly servers: readonly ServerData[];
  /** The same servers as those of accounting: each port lives and dies by itself. */
  readonly accounting: { readonly waiting: number; readonly servers: readonly ServerData[] };
}

function mrmeServiceData({ manager }: ViewSource, { now }: Moment): MrmeServiceData {
  const { registry, config } = manager;
  const { name, twanProfiles, bind, nasIdentifier, nasIpAddress, userName, radius } = config.mrmeService;
  const { authentication, accounting } = manager.aaa.status(now);
  return {
    service: name,
    twanProfiles: twanProfiles.map((profile) => profile.name),
    bind: { address: formatIp(bind.address), interface: bind.interface ?? null, sourcePorts: bind.sourcePorts },
    nasIdentifier,
    nasIpAddress: formatIp(nasIpAddress),
    userName: { format: userName.format, case: userName.case, realm: userName.realm ?? null },
    timeoutMs: radius.timeoutMs,
    retransmissions: radius.retransmissions,
    deadTimeMs: radius.deadTimeMs,
    outstandingMax: radius.outstandingMax,
    sessions: { current: registry.size, authenticating: registry.inState.Authenticating },
    waiting: authentication.waiting,
    servers: authentication.servers.map(serverData),
    accounting: { waiting: accounting.waiting, servers: accounting.servers.map(serverData) },
  };
}

export const mrmeService: View<MrmeServiceData> = {
  words: ['mrme-service'],
  summary: 'the MRME service: authentication, and the RADIUS servers with their state',
  role: 'view',
  options: [],
  build: (source, at) => shown(mrmeServiceData(source, at)),
  render: (data) => [
    `MRME Service Name: ${data.service}`,
    ...fieldLines([
      ['TWAN Profiles', data.twanProfiles.join(', ')],
      ['Bind Address', data.bind.address],
      ['Interface', data.bind.interface ?? 'any'],
      ['Source Ports', data.bind.sourcePorts],
      ['NAS-Identifier', data.nasIdentifier],
      ['NAS-IP-Address', data.nasIpAddress],
      ['User-Name Format', `${data.userName.format}, ${data.userName.case} case`],
      ['User-Name Realm', data.userName.realm ?? 'none'],
      ['RADIUS Timeout', `${data.timeoutMs} ms`],
      ['RADIUS Retransmissions', data.retransmissions],
      ['RADIUS Dead Time', `${data.deadTimeMs} ms`],
      ['RADIUS Outstanding Max', data.outstandingMax],
      ['Sessions', data.sessions.current],
      ['Sessions Authenticating', data.sessions.authenticating],
      ['Requests Waiting', data.waiting],
      ['Accounting Requests Waiting', data.accounting.waiting],
    ]),
    'RADIUS Servers:',
    ...serverLines(data.servers, ['Accept', 'Reject', 'Challenge'], (server) => [
      server.accepted,
      server.rejected,
      server.challenged,
    ]),
    'RADIUS Accounting Servers:',
    ...serverLines(data.accounting.servers, ['Response'], (server) => [server.accounted]),
  ],
};
