import { ageSeconds, durationText, fieldLines, timeOf, timeText } from './format.ts';
import { shown, type View } from './view.ts';

export interface SamogServiceData {
  readonly chassis: string;
  readonly service: string;
  readonly cgwService: string;
  readonly mrmeService: string;
  readonly dhcpService: string;
  readonly sessions: {
    readonly current: number;
    readonly max: number;
    readonly pmipv6: number;
    readonly dhcp: number;
    readonly accounting: number;
    /** By state, in camelCase. */
    readonly states: Readonly<Record<string, number>>;
  };
  readonly handover: {
    readonly enable: boolean;
    readonly guardTimeMs: number;
    readonly ratePerMinute: number;
    readonly inProgress: number;
  };
  readonly setupTimeoutMs: number;
  readonly started: string | null;
  readonly uptimeSeconds: number;
}

export const samogService: View<SamogServiceData> = {
  words: ['samog-service'],
  summary: 'the SaMOG service: what it is made of, and its sessions',
  role: 'view',
  options: [],
  build: ({ config, manager, startedAt }, at) => {
    const { samogService: service } = manager.config;
    const { registry } = manager;
    return shown({
      chassis: config.chassis.name,
      service: service.name,
      cgwService: service.cgwService,
      mrmeService: service.mrmeService,
      dhcpService: service.dhcpService,
      sessions: {
        current: registry.size,
        max: service.sessionsMax,
        pmipv6: registry.ofType.pmipv6,
        dhcp: registry.ofType.dhcp,
        accounting: registry.ofType.accounting,
        states: Object.fromEntries(
          Object.entries(registry.inState).map(([state, count]) => [
            state.charAt(0).toLowerCase() + state.slice(1),
            count,
          ]),
        ),
      },
      handover: {
        ...service.handover,
        inProgress: Object.values(registry.handoffsInProgress).reduce((sum, count) => sum + count, 0),
      },
      setupTimeoutMs: service.setupTimeoutMs,
      started: timeOf(startedAt, at),
      uptimeSeconds: ageSeconds(startedAt, at) ?? 0,
    });
  },
  render: (data) => [
    `SaMOG Service Name: ${data.service}`,
    ...fieldLines([
      ['Chassis', data.chassis],
      ['CGW Service', data.cgwService],
      ['MRME Service', data.mrmeService],
      ['DHCP Service', data.dhcpService],
      ['Started', timeText(data.started, data.uptimeSeconds)],
      ['Sessions', `${data.sessions.current} of ${data.sessions.max}`],
      ['PMIPv6-triggered', data.sessions.pmipv6],
      ['DHCP-triggered', data.sessions.dhcp],
      ['Accounting-triggered', data.sessions.accounting],
      ...Object.entries(data.sessions.states).map(([state, count]): [string, number] => [
        state.charAt(0).toUpperCase() + state.slice(1),
        count,
      ]),
      ['Handover between Access Types', data.handover.enable ? 'enabled' : 'disabled'],
      ['Handover Guard Time', `${data.handover.guardTimeMs} ms`],
      ['Data-triggered Switches', `at most ${data.handover.ratePerMinute} a minute and session`],
      ['Handoffs In Progress', data.handover.inProgress],
      ['Setup Timeout', durationText(data.setupTimeoutMs / 1000)],
    ]),
  ],
};
