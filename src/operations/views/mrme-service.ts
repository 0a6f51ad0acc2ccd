import { formatIp } from '../../kernel/address.ts';
import { durationText, fieldLines, tableLines } from './format.ts';
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
  readonly servers: readonly {
    readonly name: string;
    readonly address: string;
    readonly port: number;
    /** `up`, or `dead` while it is passed over. */
    readonly state: string;
    readonly deadForSeconds: number;
    readonly outstanding: number;
    readonly sent: number;
    readonly retransmitted: number;
    readonly accepted: number;
    readonly rejected: number;
    readonly timeouts: number;
    readonly lastResponseSeconds: number | null;
  }[];
}

function mrmeServiceData({ manager }: ViewSource, { now }: Moment): MrmeServiceData {
  const { registry, config } = manager;
  const { name, twanProfiles, bind, nasIdentifier, nasIpAddress, userName, radius } = config.mrmeService;
  const status = manager.radius.status(now);
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
    waiting: status.waiting,
    servers: status.servers.map((server) => ({
      name: server.name,
      address: formatIp(server.address),
      port: server.port,
      state: server.state,
      deadForSeconds: Math.ceil(server.deadForMs / 1000),
      outstanding: server.outstanding,
      sent: server.sent,
      retransmitted: server.retransmitted,
      accepted: server.accepted,
      rejected: server.rejected,
      timeouts: server.timeouts,
      lastResponseSeconds: server.lastResponseAgeMs === undefined ? null : Math.floor(server.lastResponseAgeMs / 1000),
    })),
  };
}

export const mrmeService: View<MrmeServiceData> = {
  words: ['mrme-service'],
  summary: 'the MRME service: authentication, and the RADIUS servers with their state',
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
    ]),
    'RADIUS Servers:',
    ...tableLines(
      [
        '  Name',
        'Address',
        'Port',
        'State',
        'Pending',
        'Sent',
        'Re-sent',
        'Accept',
        'Reject',
        'Timeout',
        'Last Response',
      ],
      data.servers.map((server) => [
        `  ${server.name}`,
        server.address,
        server.port,
        server.state === 'dead' ? `dead for ${durationText(server.deadForSeconds)}` : server.state,
        server.outstanding,
        server.sent,
        server.retransmitted,
        server.accepted,
        server.rejected,
        server.timeouts,
        server.lastResponseSeconds === null ? 'never' : `${durationText(server.lastResponseSeconds)} ago`,
      ]),
    ),
  ],
};
