import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { busySource } from '../../../tests/operations/view-source.ts';
import type { Role } from '../../operations/access/role.ts';
import { usersText } from '../../operations/access/users-file.ts';
import { utf8Encode } from '../../wire/bytes/text.ts';
import type { SrpMessage } from '../../wire/srp/messages.ts';
import { passwordHash } from '../access/credentials.ts';
import { LogInTickets } from '../access/log-in-tickets.ts';
import { AuditLog } from '../audit/audit-log.ts';
import { wallClock } from '../clock.ts';
import { OperatorLink } from '../operator-link.ts';
import { hostSeal } from '../seal.ts';
import { ManagementAccess } from './access.ts';
import { managementApp } from './app.ts';
import { tcpDoor } from './tcp-door.ts';

const folder = mkdtempSync(join(tmpdir(), 'samog-test-'));
const password = 'correct horse battery staple';
const urls = { a: 'https://192.0.2.1:8443', b: 'https://192.0.2.2:8443' } as const;
let stored = '';

type Letter = keyof typeof urls;

/** One chassis of a pair as a browser sees it. */
class Chassis {
  readonly audit = AuditLog.inMemory();
  readonly access: ManagementAccess;
  readonly operators: OperatorLink;
  readonly #users: string;
  readonly #app: ReturnType<typeof managementApp>;

  constructor(letter: Letter, send: (message: SrpMessage) => void) {
    this.#users = join(folder, `${letter}.json`);
    this.setUser();
    this.access = new ManagementAccess({ changes: this.audit }, this.#users);
    const seal = hostSeal(utf8Encode('a key of two chassis, long enough'), 'log-ins');
    this.operators = new OperatorLink(new LogInTickets(seal, `gw-${letter}`, wallClock), send);
    this.operators.joinLogIns(this.access);
    const source = busySource();
    const management = { ...source.config.management, peerUrl: urls[letter === 'a' ? 'b' : 'a'] };
    const managed = {
      source: { ...source, config: { ...source.config, management } },
      clear: () => true,
      clearAll: () => 0,
    };
    this.#app = managementApp({ managed, access: this.access, door: tcpDoor(this.access), login: true });
  }

  setUser(roles: readonly Role[] = ['operate'], hash = stored): void {
    writeFileSync(this.#users, usersText([{ name: 'alice', roles, password: hash }]), { mode: 0o600 });
  }

  ask(path: string, method = 'GET', headers: Readonly<Record<string, string>> = {}, body?: string) {
    return this.#app.request(path, { method, headers, ...(body === undefined ? {} : { body }) });
  }

  /** Logs in; returns the cookie. */
  async logIn(): Promise<string> {
    const body = JSON.stringify({ name: 'alice', password });
    return cookieOf(await this.ask('/v1/session', 'POST', { 'x-samog-request': '1' }, body))!;
  }

  async ticket(cookie: string): Promise<string> {
    const { ticket } = (await (await this.ask('/v1/session/ticket', 'GET', { cookie })).json()) as { ticket: string };
    return ticket;
  }

  follow(ticket: string, { origin = urls.a as string, place = '#/subscribers' } = {}) {
    return this.ask('/console/follow', 'POST', { origin }, new URLSearchParams({ ticket, place }).toString());
  }

  async knows(cookie: string): Promise<boolean> {
    return (await this.ask('/v1/principal', 'GET', { cookie })).status === 200;
  }
}

function cookieOf(response: Response): string | undefined {
  return response.headers.get('set-cookie')?.split(';')[0];
}

let a: Chassis;
let b: Chassis;

describe('whoever is logged in at one chassis of a pair', () => {
  beforeAll(async () => {
    stored = await passwordHash(password);
  });
  beforeEach(() => {
    const user = { linkUp: () => {}, linkHeard: () => {}, linkDown: () => {}, stalled: () => {} };
    a = new Chassis('a', (message) => b.operators.before(user).linkHeard({ term: 1, message }, 0));
    b = new Chassis('b', (message) => a.operators.before(user).linkHeard({ term: 1, message }, 0));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('goes on at the other, at the same place, and that is audited', async () => {
    const answer = await b.follow(await a.ticket(await a.logIn()), { place: '#/subscriber?mac=02:00:5e:10:00:01' });
    expect([answer.status, answer.headers.get('location')]).toEqual([
      303,
      '/console/#/subscriber?mac=02:00:5e:10:00:01',
    ]);
    expect(answer.headers.get('set-cookie')).toMatch(/; Path=\/; HttpOnly; Secure; SameSite=Strict$/);
    expect(await b.knows(cookieOf(answer)!)).toBe(true);
    expect(b.audit.latest(1)).toMatchObject([{ kind: 'login', who: 'alice', via: 'ticket', result: 'done' }]);
  });

  it.each<[string, () => unknown]>([
    ['has another password there', async () => b.setUser(['operate'], await passwordHash(password))],
    ['has fewer roles there', () => b.setUser(['view'])],
    ['has more roles there', () => b.setUser(['operate', 'intercept'])],
    ['is nobody there', () => writeFileSync(join(folder, 'b.json'), usersText([]), { mode: 0o600 })],
  ])('logs in again who %s', async (_, change) => {
    const ticket = await a.ticket(await a.logIn());
    await change();
    const answer = await b.follow(ticket);
    expect([answer.status, cookieOf(answer)]).toEqual([303, undefined]);
    expect(b.access.counters.get('api.refused.credentials')).toBe(1);
  });

  it('gets no further with a ticket that was used, or with one at the chassis that gave it', async () => {
    const cookie = await a.logIn();
    const ticket = await a.ticket(cookie);
    expect(cookieOf(await b.follow(ticket))).toBeDefined();
    expect(cookieOf(await b.follow(ticket))).toBeUndefined();
    expect(cookieOf(await a.follow(await a.ticket(cookie), { origin: urls.b }))).toBeUndefined();
  });

  it('follows for as long as the password was given ago, and no longer', async () => {
    const cookie = await a.logIn();
    const told = b.access.tickets!.take(await a.ticket(cookie))!;
    const seal = hostSeal(utf8Encode('a key of two chassis, long enough'), 'log-ins');
    const other = new LogInTickets(seal, 'gw-a', wallClock);
    const hours = (count: number) => other.give({ ...told, ageMs: count * 3_600_000 });
    expect(cookieOf(await b.follow(hours(12)))).toBeUndefined();
    const followed = cookieOf(await b.follow(hours(11)))!;
    // What follows from that has the age of the password, not its own.
    expect(a.access.tickets!.take(await b.ticket(followed))!.ageMs).toBeGreaterThanOrEqual(11 * 3_600_000);
  });

  it('is brought there by a page of the other chassis alone', async () => {
    const ticket = await a.ticket(await a.logIn());
    for (const origin of ['https://evil.example', 'null', urls.b]) {
      expect((await b.follow(ticket, { origin })).status).toBe(403);
    }
    expect(b.access.counters.get('api.refused.cross-site')).toBe(3);
  });

  it.each(['//evil.example/', '#//evil', 'x', '#/a\r\nset-cookie: x=y', `#/${'x'.repeat(2000)}`])(
    'is led to the console, whatever place is asked for: %j',
    async (place) => {
      const answer = await b.follow(await a.ticket(await a.logIn()), { place });
      expect(answer.headers.get('location')).toMatch(/^\/console\/(#\/\/evil)?$/);
    },
  );

  it('logs out of both at either, and of tickets that are on their way', async () => {
    const cookie = await a.logIn();
    const followed = cookieOf(await b.follow(await a.ticket(cookie)))!;
    const onItsWay = await a.ticket(cookie);
    await b.ask('/v1/session', 'DELETE', { cookie: followed, 'x-samog-request': '1' });
    expect([await a.knows(cookie), await b.knows(followed)]).toEqual([false, false]);
    expect(cookieOf(await b.follow(onItsWay))).toBeUndefined();
  });

  it('is logged out by another password, and given no ticket without a session', async () => {
    const cookie = await a.logIn();
    a.setUser(['operate'], await passwordHash(password));
    expect(await a.knows(cookie)).toBe(false);
    expect((await a.ask('/v1/session/ticket', 'GET', { cookie })).status).toBe(401);
    expect((await a.ask('/v1/session/ticket')).status).toBe(401);
  });

  it('gives another site no ticket', async () => {
    const cookie = await a.logIn();
    const headers = { cookie, origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' };
    expect((await a.ask('/v1/session/ticket', 'GET', headers)).status).toBe(403);
  });
});
