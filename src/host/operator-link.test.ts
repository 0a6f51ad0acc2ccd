import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { emptySource } from '../../tests/operations/view-source.ts';
import { chassisDefaults } from '../icsr/chassis/options.ts';
import { parseIpv4 } from '../kernel/address.ts';
import type { ViewSource } from '../operations/views/view.ts';
import { utf8Encode } from '../wire/bytes/text.ts';
import type { SrpMessage } from '../wire/srp/messages.ts';
import { LogInTickets } from './access/log-in-tickets.ts';
import { AlarmWatch } from './alarms/alarm-watch.ts';
import { now, wallClock } from './clock.ts';
import { ManagementAccess } from './management/access.ts';
import { OperatorLink } from './operator-link.ts';
import { hostSeal } from './seal.ts';
import { hostCompressions } from './srp/compressions.ts';
import { SrpLink } from './srp/srp-link.ts';

const sharedKey = utf8Encode('a key of the tests');
const hosts = ['127.9.55.1', '127.9.55.2'] as const;
const port = 20_000 + (process.pid % 10_000);

const running: SrpLink[] = [];
afterEach(async () => {
  for (const link of running.splice(0)) await link.stop();
});

/** What a chassis has for operators, at a link of its own. */
class Chassis {
  readonly alarms = new AlarmWatch(undefined);
  readonly access = new ManagementAccess();
  readonly link: SrpLink;
  readonly #operators: OperatorLink;
  /** What goes on to the chassis machine. */
  readonly heard: SrpMessage['kind'][] = [];
  constructor(own: 0 | 1) {
    const [address, other] = [hosts[own], hosts[1 - own]!];
    this.link = new SrpLink({
      ...{ chassisId: address, peerChassisId: undefined, sharedKey, compressions: hostCompressions },
      bind: { address: parseIpv4(address)!, port },
      peer: { address: parseIpv4(other)!, port },
      helloIntervalMs: chassisDefaults.helloIntervalMs,
      // Nobody says hello here, and nobody is to be missed.
      deadIntervalMs: 60_000,
    });
    running.push(this.link);
    const tickets = new LogInTickets(hostSeal(sharedKey, 'log-ins'), address, wallClock);
    this.#operators = new OperatorLink(tickets, (message) => this.link.send(1, message));
    this.#operators.joinAlarms(this.alarms);
    this.#operators.joinLogIns(this.access);
  }

  start(): Promise<void> {
    return this.link.start(
      this.#operators.before({
        linkUp: () => {},
        linkHeard: ({ message }) => void this.heard.push(message.kind),
        linkDown: () => {},
        stalled: () => {},
      }),
    );
  }

  get acknowledged(): readonly (string | undefined)[] {
    return this.alarms.reader.standing().map(({ acknowledgement }) => acknowledgement?.by);
  }
}

/** A gateway that cannot write its sessions to disk. */
function failing(): ViewSource {
  const store = { failing: { text: 'ENOSPC' } };
  return { ...emptySource(), recovery: () => ({ store }) as unknown as ReturnType<ViewSource['recovery']> };
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await sleep(5);
}

describe('what is no operator’s', () => {
  it('goes on to the user of the link as it came', () => {
    const seal = hostSeal(sharedKey, 'log-ins');
    const heard: unknown[] = [];
    const note =
      (kind: string) =>
      (...said: readonly unknown[]) =>
        void heard.push([kind, ...said]);
    const user = { linkUp: note('up'), linkHeard: note('heard'), linkDown: note('down'), stalled: note('stalled') };
    const before = new OperatorLink(new LogInTickets(seal, 'gw-a', wallClock), () => {}).before(user);
    const goodbye = { term: 3, message: { kind: 'goodbye', reason: 'other' } } as const;
    before.linkUp(2, 1);
    before.linkHeard(goodbye, 2);
    before.linkHeard({ term: 3, message: { kind: 'logOut', logIns: ['one'] } }, 3);
    before.linkHeard({ term: 3, message: { kind: 'acknowledgements', taken: [] } }, 4);
    before.stalled(70, 5);
    before.linkDown('silence', 6);
    expect(heard).toEqual([
      ['up', 2, 1],
      ['heard', goodbye, 2],
      ['stalled', 70, 5],
      ['down', 'silence', 6],
    ]);
  });
});

describe('what operators do at one chassis of a pair', () => {
  it('is known at the other, whether it was done before there was a connection or after', async () => {
    const [a, b] = [new Chassis(0), new Chassis(1)];
    await Promise.all([a.alarms.look(failing()), b.alarms.look(failing())]);
    a.alarms.acknowledge('all', 'alice', 'ticket 7', now() - 5000);
    const who = { userName: 'alice', proof: 'p', begunAt: now() };
    const [here, there] = ['first', 'second'].map((logIn) => a.access.sessions.begin({ ...who, logIn }, now()));
    for (const logIn of ['first', 'second', 'third']) b.access.sessions.begin({ ...who, logIn }, now());
    a.access.sessions.end(here!);
    expect([b.acknowledged, b.access.sessions.size]).toEqual([[undefined], 3]);
    await b.start();
    await a.start();
    await until(() => b.acknowledged[0] === 'alice' && b.access.sessions.size === 2);
    a.access.sessions.end(there!);
    b.alarms.acknowledge(1, 'bob', undefined, now());
    await until(() => b.access.sessions.size === 1 && a.acknowledged[0] === 'bob');
    a.link.send(1, { kind: 'goodbye', reason: 'other' });
    await until(() => b.heard.length > 0);
    expect(b.heard).toEqual(['goodbye']);
  });
});
