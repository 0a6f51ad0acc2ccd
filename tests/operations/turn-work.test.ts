import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { noTunnelFigures, type TunnelFigures, TunnelTable } from '../../src/forwarding/tunnel-figures.ts';
import { AuditLog } from '../../src/host/audit/audit-log.ts';
import { managementApp } from '../../src/host/management/app.ts';
import { doorOf } from '../../src/host/management/door.ts';
import { Exposition } from '../../src/host/metrics/exposition.ts';
import { type IpAddress, ipv4Of, macOf } from '../../src/kernel/address.ts';
import { EventLog } from '../../src/operations/event-log.ts';
import { GatewayHistory } from '../../src/operations/history/history.ts';
import { sampleOf } from '../../src/operations/history/series.ts';
import { views } from '../../src/operations/views/registry.ts';
import { subscriberSummaryOf } from '../../src/operations/views/subscriber.ts';
import type { View, ViewArguments, ViewSource } from '../../src/operations/views/view.ts';
import type { SessionPlace } from '../../src/sessmgr/session-registry.ts';
import { macOfMillion, millionSource } from '../console/million-source.ts';
import { TurnWatch } from '../support/turn-work.ts';
import { sampleAlarms } from './sample-alarms.ts';
import { sampleNotifications } from './sample-notifications.ts';
import { moment } from './view-source.ts';

/** How often any piece of code may be run in a turn: well below a millisecond of the simplest, and some of what each session costs. */
const timesMax = 6000;
/** More than may be gone through in a turn, of everything that there may be many of. */
const many = 2 * timesMax;
const tunnelsPerPage = 256;
const peer = (index: number): IpAddress => ipv4Of(0x0a000000 + index);

function fullEventLog(): EventLog {
  const log = new EventLog();
  const octets = new Uint8Array(300);
  for (let index = 0; index < log.eventsMax + 1000; index += 1) {
    const ue = index % 5000;
    log.add(
      {
        ...{ mac: macOf(0x02005e000000 + ue), sessionId: ue, peer: peer(index % 100) },
        ...{ name: 'dhcp-discover-received', party: 'rg', direction: 'received' },
        text: () => 'DHCP DISCOVER',
        message: () => ({ kind: 'packet', octets }),
      },
      moment.now - 60_000 + 2 * index,
    );
  }
  return log;
}

function* kernelTunnels(): Generator<readonly TunnelFigures[], undefined> {
  for (let from = 0; from < many; from += tunnelsPerPage) {
    yield Array.from({ length: tunnelsPerPage }, (_, index) => noTunnelFigures('access', peer(from + index)));
  }
  return undefined;
}

function knownTunnels(): TunnelTable {
  const tunnels = new TunnelTable();
  for (let index = 0; index < many; index += 1) tunnels.sent('access', peer(index), 1500);
  return tunnels;
}

/** An object but for some of its parts. */
function differing<Of extends object>(of: Of, parts: object): Of {
  return new Proxy(of, {
    get(target, name) {
      if (name in parts) return Reflect.get(parts, name);
      const part = Reflect.get(target, name, target) as unknown;
      // A method reads what is private of the object itself.
      return typeof part === 'function' ? part.bind(target) : part;
    },
  });
}

/** A gateway with as much of everything as there may be, or more than may be gone through in a turn. */
function fullSource(): ViewSource {
  const source = millionSource(many);
  const places: readonly SessionPlace[] = [...source.manager.registry.sessions()];
  const registry = { ...source.manager.registry, sessions: () => places.values() };
  const flows = differing(source.manager.flows, { tunnels: knownTunnels() });
  const history = new GatewayHistory();
  const full: ViewSource = {
    ...source,
    manager: differing(source.manager, { registry, flows }),
    events: fullEventLog(),
    forwarding: { ...source.forwarding, tunnels: kernelTunnels },
    audit: { changes: AuditLog.inMemory(), intercept: AuditLog.inMemory() },
    history,
    alarms: sampleAlarms(),
    notifications: sampleNotifications,
    pause: () => new Promise((resolve) => void setImmediate(resolve)),
  };
  const sample = sampleOf(full, moment);
  for (let at = -86_400_000; at <= 0; at += 5000) history.add({ ...sample, at: moment.now + at });
  return full;
}

const values: Readonly<Record<string, string>> = {
  ...{ mac: macOfMillion(77), session: macOfMillion(77), peer: '10.0.0.9', after: '1', instance: '1', span: '1d' },
  cursor: '0-0-0-10.0.9.9',
  // True of none, and nothing of it can be left out.
  filter: 'text!=x name!=x age>1d',
};

/** As an operator may ask for a view: by itself, with each option that costs, and for as much as there is. */
function formsOf({ words, options }: View): ViewArguments[] {
  const alone = options.flatMap(({ name, value, choices }): ViewArguments[] => {
    if (name === 'filter' && words[0] === 'subscribers') return [{ filter: 'state!=established moves>9' }];
    const given = value === undefined ? '' : (choices?.[0] ?? values[name]);
    return given === undefined ? [] : [{ [name]: given }];
  });
  // Whatever is above the limit of a view is refused.
  const has = (wanted: string): boolean => options.some(({ name }) => name === wanted);
  const most: ViewArguments[] = has('limit') ? ['250', '500', '1000'].map((limit) => ({ limit })) : [];
  if (has('octets')) most.push({ limit: '250', octets: '' });
  // As the doctor asks.
  if (has('summary') && has('mtu')) most.push({ summary: '', mtu: '' });
  return [{}, ...alone, ...most];
}

describe('in no turn of the event loop', () => {
  const source = fullSource();
  const exposition = new Exposition(source, 'test');
  const app = managementApp({
    managed: { source, clear: () => true, clearAll: () => many },
    door: doorOf({ name: 'operator', roles: ['configure', 'intercept'], via: 'token', from: null }),
    exposition: async () => exposition,
  });
  let watch: TurnWatch;
  beforeAll(() => {
    watch = new TurnWatch();
  });
  afterAll(() => watch.close());

  const asked = async (path: string, args: ViewArguments) => {
    const work = await watch.busiest(async () => {
      const response = await app.request(`${path}?${new URLSearchParams(args)}`);
      expect([200, 400, 404, 409]).toContain(response.status);
      await response.text();
    });
    return { ...args, ...work, isTooMuch: work.times > timesMax };
  };

  it.each([
    ...views.map((view): [string, ViewArguments[]] => [`/v1/show/${view.words.join('/')}`, formsOf(view)]),
    ['/v1/explain/subscriber', [{ mac: macOfMillion(7) }]],
    ['/v1/export/subscribers', [{ columns: 'mac' }, { format: 'jsonl', filter: 'state!=established moves>9' }]],
    ['/v1/health', [{}]],
    ['/metrics', [{}]],
  ])('anything is run too often for %s', async (path, forms) => {
    for (const args of forms) expect(await asked(path, args)).toMatchObject({ isTooMuch: false });
  });

  it('anything is run too often for many who ask at once', async () => {
    const path = '/v1/show/subscribers/samog-only?limit=500';
    const work = await watch.busiest(() => Promise.all(Array.from({ length: 30 }, () => app.request(path))));
    expect(work.times).toBeLessThan(timesMax);
  });

  it.each([
    ['sees what goes through all sessions at once', many, true],
    ['lets pass what goes through them with pauses', timesMax / 2, false],
  ])('%s', async (_, perTurn, isTooMuch) => {
    const work = await watch.busiest(async () => {
      let sessions = 0;
      for (const { session } of source.manager.registry.sessions()) {
        subscriberSummaryOf(session, moment);
        sessions += 1;
        if (sessions % perTurn === 0) await source.pause?.();
      }
    });
    expect(work.times > timesMax).toBe(isTooMuch);
  });
});
