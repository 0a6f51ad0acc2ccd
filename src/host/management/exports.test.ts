import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { macOfMillion, millionSource } from '../../../tests/console/million-source.ts';
import { busySource } from '../../../tests/operations/view-source.ts';
import { apiCounters } from '../../operations/access/api-counters.ts';
import type { Principal } from '../../operations/access/role.ts';
import type { ViewSource } from '../../operations/views/view.ts';
import { AuditLog } from '../audit/audit-log.ts';
import { ManagementAccess } from './access.ts';
import { managementApp } from './app.ts';
import { doorOf } from './door.ts';
import { Exports } from './exports.ts';

const path = '/v1/export/subscribers';

/** A gateway whose API one user of a role asks. */
function gateway(source: ViewSource, role: 'view' | 'operate' = 'operate') {
  const audit = { changes: AuditLog.inMemory() };
  const access = new ManagementAccess(audit);
  const managed = { source: { ...source, audit, management: access }, clear: () => true, clearAll: () => 0 };
  const door = doorOf({ name: 'alice', roles: [role], via: 'token', from: '192.0.2.7' });
  return { app: managementApp({ managed, door, access }), access, trail: audit.changes };
}

const begun: Response[] = [];

afterEach(async () => {
  for (const { body } of begun.splice(0)) await body?.cancel().catch(() => {});
});

const principal = (name: string): Principal => ({ name, roles: ['view'], via: 'token', from: null });

describe('an export of subscribers', () => {
  it.each([
    ['', /^mac,callId,state,accessType,accessPeer,profile,address,nai,imsi,apn,lma,moves,ageSeconds\r\n/, 4],
    ['?columns=state,mac', /^state,mac\r\nEstablished,02:00:5e:11:22:33\r\n/, 4],
    ['?columns=mac&access=pmip', /^mac\r\n02:00:5e:11:22:90\r\n$/, 1],
    ['?columns=mac&filter=peer%3D198.51.100.0/24+state%3Destablished', /^mac\r\n02:00:5e:11:22:33\r\n$/, 1],
    ['?columns=mac&profile=wlc', /^mac\r\n02:00:5e:11:22:90\r\n$/, 1],
    ['?columns=mac&filter=moves%3E99', /^mac\r\n$/, 0],
  ])('is CSV of what is asked for: %s', async (query, expected, rows) => {
    const response = await gateway(busySource(), 'view').app.request(path + query);
    expect(response.headers.get('content-type')).toMatch(/^text\/csv/);
    expect(response.headers.get('content-disposition')).toBe('attachment; filename="samog-1-subscribers.csv"');
    const text = await response.text();
    expect(text).toMatch(expected);
    expect(text.split('\r\n')).toHaveLength(rows + 2);
  });

  it('is JSON lines with the keys of show subscribers', async () => {
    const { app } = gateway(busySource());
    const response = await app.request(`${path}?format=jsonl`);
    expect(response.headers.get('content-type')).toMatch(/^application\/jsonl/);
    const lines = (await response.text()).trimEnd().split('\n');
    const rows = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    const shown = (await (await app.request('/v1/show/subscribers/samog-only')).json()) as { subscribers: object[] };
    expect(rows).toHaveLength(shown.subscribers.length);
    for (const [index, row] of shown.subscribers.entries()) expect(rows[index]).toMatchObject(row);
    expect(rows[0]).toMatchObject({ imsi: '001010123456789', profile: 'residential' });
  });

  it('has no formula for a spreadsheet in it, whatever a UE calls itself', async () => {
    const source = busySource();
    const nai = '=HYPERLINK("http://x")@example.org';
    const sessions = [...source.manager.registry.sessions()].map((place) =>
      place.session.kind === 'Live'
        ? { ...place, session: { ...place.session, durable: { ...place.session.durable, nai } } }
        : place,
    );
    const subscriberPages = {
      next: () => ({ sessions: sessions.map(({ session }) => session), nextCursor: undefined }),
    };
    const { app } = gateway({ ...source, subscriberPages });
    const csv = await (await app.request(`${path}?columns=nai&filter=state%3Destablished`)).text();
    expect(csv.split('\r\n')[1]).toBe(`"'=HYPERLINK(""http://x"")@example.org"`);
    const json = await (await app.request(`${path}?columns=nai&format=jsonl`)).text();
    expect(JSON.parse(json.split('\n')[0]!)).toEqual({ nai });
  });

  it.each([
    ['format=xml', 400],
    ['columns=mac,password', 400],
    ['filter=nothing%3D1', 400],
    ['access=dhcp', 400],
    ['profile=nowhere', 404],
    ['limit=5', 400],
  ])('is refused before anything is sent: %s', async (query, status) => {
    const { app, access } = gateway(busySource());
    const response = await app.request(`${path}?${query}`);
    expect([response.status, await response.json()]).toEqual([
      status,
      { code: expect.any(String), what: expect.any(String), hint: expect.any(String) },
    ]);
    expect(access.exports).toEqual([]);
  });

  it('has every session of more than are looked at together', async () => {
    const { app, trail } = gateway(millionSource(1234));
    const lines = (await (await app.request(`${path}?columns=mac`)).text()).trimEnd().split('\r\n');
    expect(lines.slice(1)).toEqual(Array.from({ length: 1234 }, (_, index) => macOfMillion(index)));
    expect(await (await app.request('/v1/show/exports')).json()).toMatchObject({
      exports: [{ number: 1, state: 'done', who: 'alice', looked: 1234, total: 1234, rows: 1234 }],
    });
    expect(trail.latest(10).map(({ kind, request, result }) => [kind, request, result])).toEqual([
      ['asked', `GET ${path}`, null],
      ['answered', `GET ${path}`, 'done'],
      ['noted', `GET ${path}`, 'done'],
    ]);
    expect(trail.latest(1)[0]!.subject).toMatchObject({ number: 1, rows: 1234 });
  });

  it('is one for each user, and two in all', async () => {
    const counters = apiCounters();
    const exports = new Exports(counters, AuditLog.inMemory());
    const begin = async (name: string) => {
      const answer = await exports.begin(millionSource(), { principal: principal(name), query: {} });
      if (answer instanceof Response) begun.push(answer);
      return answer instanceof Response ? answer.status : answer.refusal.code;
    };
    expect(await Promise.all([begin('alice'), begin('alice')])).toEqual([200, 'too-many']);
    expect([await begin('bob'), await begin('carol')]).toEqual([200, 'too-many']);
    expect([counters.get('api.exports'), counters.get('api.refused.exports')]).toEqual([2, 2]);
    await begun.pop()!.body!.cancel();
    expect(exports.runs.map(({ who, state }) => [who, state])).toEqual([
      ['bob', 'gone'],
      ['alice', 'running'],
    ]);
    expect(await begin('carol')).toBe(200);
  });

  it('makes no more than is read, and ends when it is cancelled: the reader sees that it has not got all', async () => {
    const { app, access } = gateway(millionSource());
    const response = await app.request(path);
    begun.push(response);
    const reader = response.body!.getReader();
    const { value } = await reader.read();
    await sleep(20);
    const [run] = access.exports;
    expect(run).toMatchObject({ state: 'running', octets: value!.length });
    expect(run!.looked).toBeLessThan(2000);
    const cancel = (body: string) => app.request('/v1/export/cancel', { method: 'POST', body });
    expect((await cancel('{"number":2}')).status).toBe(404);
    expect(await (await cancel('{"number":1}')).json()).toMatchObject({ exports: [{ number: 1, state: 'cancelled' }] });
    await expect(reader.read()).rejects.toThrow('export cancelled');
    expect((await cancel('{"number":1}')).status).toBe(404);
  });

  it('gives the place of a reader who reads no more to another', async () => {
    const exports = new Exports(apiCounters(), AuditLog.inMemory(), 20);
    const answer = await exports.begin(millionSource(), { principal: principal('alice'), query: {} });
    if (!(answer instanceof Response)) throw new Error(answer.refusal.what);
    begun.push(answer);
    await expect.poll(() => exports.runs[0]!.state).toBe('gone');
    await expect(answer.text()).rejects.toThrow('export gone');
  });

  it('fails where its place is lost, and says so', async () => {
    const source = millionSource();
    let pages = 0;
    const subscriberPages = {
      next: (...args: Parameters<ViewSource['subscriberPages']['next']>) => {
        pages += 1;
        return pages > 3 ? undefined : source.subscriberPages.next(...args);
      },
    };
    const { app, access } = gateway({ ...source, subscriberPages });
    const response = await app.request(path);
    await expect(response.text()).rejects.toThrow('export failed');
    expect(access.exports[0]).toMatchObject({ state: 'failed', looked: 600 });
  });

  it('is kept in the list as long as it runs, whatever ends beside it', async () => {
    const exports = new Exports(apiCounters(), AuditLog.inMemory());
    const long = await exports.begin(millionSource(), { principal: principal('alice'), query: {} });
    begun.push(long as Response);
    for (let index = 0; index < 20; index += 1) {
      await ((await exports.begin(busySource(), { principal: principal('bob'), query: {} })) as Response).text();
    }
    expect(exports.runs).toHaveLength(12);
    expect(exports.runs.at(-1)).toMatchObject({ number: 1, state: 'running' });
  });
});
