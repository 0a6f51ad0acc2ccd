import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { pairSource } from '../../../tests/operations/pair-source.ts';
import { busySource, emptySource } from '../../../tests/operations/view-source.ts';
import { PairWorld } from '../../../tests/pair/pair-world.ts';
import { managedPair } from '../../../tests/support/managed-pair.ts';
import { formatMac, type MacAddress } from '../../kernel/address.ts';
import type { Role } from '../../operations/access/role.ts';
import { views } from '../../operations/views/registry.ts';
import { AuditLog } from '../audit/audit-log.ts';
import { managementApp } from './app.ts';
import { doorOf } from './door.ts';

const cleared: string[] = [];
const source = busySource();
const audit = { changes: AuditLog.inMemory(), intercept: AuditLog.inMemory() };
const managed = {
  source: { ...source, audit },
  clear: (mac: MacAddress) => {
    cleared.push(formatMac(mac));
    return source.manager.registry.ofMac(mac) !== undefined;
  },
  clearAll: () => {
    cleared.push('all');
    return 4;
  },
};

function doorFor(...roles: readonly Role[]) {
  return doorOf({ name: roles.join('-') || 'nobody', roles, via: 'token', from: '192.0.2.7' });
}

const app = managementApp({ managed, door: doorFor('configure') });

const pair = PairWorld.attached('wlc1');
const pairApp = managementApp({
  managed: {
    source: { ...pairSource('active'), audit },
    clear: () => false,
    clearAll: () => 0,
    redundancy: managedPair(pair, pair.a),
  },
  door: doorFor('configure', 'intercept'),
});

beforeEach(() => {
  cleared.length = 0;
});

async function clear(body: string): Promise<Response> {
  return app.request('/v1/clear/subscribers', { method: 'POST', body });
}

describe('the management API', () => {
  it.each(views)('shows $words as JSON', async ({ words }) => {
    const response = await pairApp.request(`/v1/show/${words.join('/')}`);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toContain('application/json');
    expect(await response.json()).toBeTypeOf('object');
  });

  it('serves packets between any two requests, those that it refuses, too', async () => {
    let turn = 0;
    let isOver = false;
    const count = (): void => {
      turn += 1;
      if (!isOver) setImmediate(count);
    };
    setImmediate(count);
    const refusedIn = await Promise.all(
      Array.from({ length: 10 }, async () => {
        expect((await app.request('/nothing')).status).toBe(404);
        return turn;
      }),
    );
    isOver = true;
    expect(new Set(refusedIn).size).toBe(10);
  });

  it('lists the views, and tells that it lives', async () => {
    const list = (await (await app.request('/v1/show')).json()) as { views: { path: string }[] };
    expect(list.views.map(({ path }) => path)).toEqual(
      views.filter(({ role }) => role !== 'intercept').map(({ words }) => words.join('/')),
    );
    expect(await (await app.request('/v1/health')).json()).toMatchObject({
      status: 'ok',
      chassis: 'samog-1',
      sessions: 4,
      role: null,
      alarms: [],
      pid: process.pid,
    });
    expect(await (await pairApp.request('/v1/health')).json()).toMatchObject({ role: 'Active' });
  });

  it('has itself as an OpenAPI document, and as a page that needs nothing from elsewhere', async () => {
    const document = (await (await app.request('/openapi.json')).json()) as { openapi: string; paths: object };
    expect(document.openapi).toMatch(/^3\.1\./);
    expect(Object.keys(document.paths)).toContain('/v1/clear/subscribers');
    const page = await app.request('/reference');
    expect(page.headers.get('content-type')).toContain('text/html');
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    // What stands in an example is text.
    const text = (await page.text()).replaceAll(/<pre>[^<]*<\/pre>/g, '');
    expect(text).not.toMatch(/<script|src=|https?:\/\/(?!GATEWAY)/);
  });

  it.each([
    ['/v1/show/everything', 404, 'unknown-view'],
    ['/v1/show/samog-service/../../etc/passwd', 404, 'not-found'],
    ['/v1/show/constructor', 404, 'unknown-view'],
    [`/v1/show/${'x'.repeat(5000)}`, 404, 'unknown-view'],
    ['/v1/show/%ff%fe', 404, 'unknown-view'],
    ['/v1/show/sockets?full', 400, 'bad-argument'],
    ['/v1/show/events?limit=10&limit=20', 400, 'bad-argument'],
    ['/v1/show/events?limit=-1', 400, 'bad-argument'],
    ['/v1/show/events?limit', 400, 'bad-argument'],
    ['/v1/show/events?__proto__=1', 400, 'bad-argument'],
    [`/v1/show/events?limit=${'9'.repeat(5000)}`, 400, 'bad-argument'],
    ['/v1/show/subscribers/samog-only?mac=zz:zz:zz:zz:zz:zz', 400, 'bad-argument'],
    ['/v1/show/subscribers/samog-only?mac=020000000000', 404, 'not-found'],
    ['/v1/show/subscribers/samog-only?full=yes', 400, 'bad-argument'],
    ['/v1/show/subscribers/samog-only?cursor=c99', 404, 'not-found'],
    ['/v1/explain/subscriber', 400, 'bad-argument'],
    ['/v1/explain/subscriber?mac=nonsense', 400, 'bad-argument'],
    ['/v1/explain/subscriber?mac=020000000000&full', 400, 'bad-argument'],
    ['/v1/explain/subscriber?mac=020000000000&mac=020000000001', 400, 'bad-argument'],
    ['/', 404, 'not-found'],
    ['/v2/show/sockets', 404, 'not-found'],
  ])('refuses %s', async (path, status, code) => {
    const response = await app.request(path);
    const refusal = (await response.json()) as Record<string, unknown>;
    expect(response.status).toBe(status);
    expect(refusal).toEqual({ code, what: expect.any(String), hint: expect.any(String) });
    expect(JSON.stringify(refusal).length).toBeLessThan(400);
  });

  it('explains a subscriber, whether or not it has a session', async () => {
    for (const [mac, first] of [
      ['0200.5E11.2233', /^It has a session/],
      ['02:00:00:00:00:00', /^It has no session/],
    ] as const) {
      const response = await app.request(`/v1/explain/subscriber?mac=${mac}`);
      expect(response.status).toBe(200);
      const { findings } = (await response.json()) as { readonly findings: readonly string[] };
      expect(findings[0]).toMatch(first);
    }
  });

  it('clears one subscriber, or all', async () => {
    expect(await (await clear('{"mac": "0200.5E11.2233"}')).json()).toEqual({ cleared: 1 });
    expect(await (await clear('{"all": true}')).json()).toEqual({ cleared: 4 });
    expect(cleared).toEqual(['02:00:5e:11:22:33', 'all']);
    expect((await clear('{"mac": "02:00:00:00:00:00"}')).status).toBe(404);
  });

  it.each([
    '',
    '{',
    'null',
    '[]',
    '"all"',
    '{}',
    '{"all": false}',
    '{"all": "true"}',
    '{"all": true, "mac": "02:00:5e:11:22:33"}',
    '{"mac": 2199025361459}',
    '{"mac": ["02:00:5e:11:22:33"]}',
    '{"all": true, "force": 1}',
    `{"mac": "${'0'.repeat(10_000)}"}`,
  ])('clears nobody for %.40s', async (body) => {
    const response = await clear(body);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ code: 'bad-argument' });
    expect(cleared).toEqual([]);
  });

  const srp = (to: typeof app, command: string, body?: string) =>
    to.request(`/v1/srp/${command}`, { method: 'POST', ...(body === undefined ? {} : { body }) });

  it('operates the pair', async () => {
    const answers: readonly (readonly [string, string | undefined, object])[] = [
      ['validate-configuration', undefined, { status: 'equal', fresh: true }],
      ['validate-switchover', '{}', { passed: true }],
      ['initiate-audit', '{"mode": "manual-with-sync"}', { outcome: 'equal' }],
      ['nack', '{"cmdId": 190, "enabled": false}', { disabledNackCmdIds: [190] }],
      ['reset-auth-probe-fail', undefined, { wasSet: false }],
      ['initiate-switchover', '{"force": false, "waitMs": 0}', { outcome: 'completed' }],
      ['initiate-switchover', undefined, { outcome: 'refused', transitions: [] }],
    ];
    for (const [command, body, expected] of answers) {
      const response = await srp(pairApp, command, body);
      expect([command, response.status]).toEqual([command, 200]);
      expect(await response.json()).toMatchObject(expected);
    }
  });

  it.each([
    ['initiate-switchover', '{"force": "yes"}', 400],
    ['initiate-switchover', '{"waitMs": -1}', 400],
    ['initiate-switchover', '{"waitMs": 1e9}', 400],
    ['initiate-switchover', '[]', 400],
    ['initiate-switchover', 'null', 400],
    ['initiate-switchover', '{', 400],
    ['initiate-switchover', '{"__proto__": {"force": true}, "forced": true}', 400],
    ['initiate-audit', '', 400],
    ['initiate-audit', '{"mode": "auto"}', 400],
    ['validate-switchover', '{"force": true}', 400],
    ['nack', '{"cmdId": 256, "enabled": false}', 404],
    ['nack', '{"cmdId": "190", "enabled": false}', 400],
    ['nack', '{"cmdId": 190}', 400],
    ['nack', `{"cmdId": 190, "enabled": false, "why": "${'x'.repeat(5000)}"}`, 400],
    ['terminate-post-process', '{}', 404],
  ])('asks the pair for nothing by %s %.40s', async (command, body, status) => {
    const response = await srp(pairApp, command, body);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ code: status === 400 ? 'bad-argument' : 'not-found' });
  });

  it('says that a chassis is alone', async () => {
    for (const response of [await srp(app, 'validate-switchover'), await app.request('/v1/show/srp/info')]) {
      expect(response.status).toBe(409);
      expect(await response.json()).toMatchObject({ what: expect.stringContaining('is not configured') });
    }
  });

  it('answers any path and query with JSON, and never fails', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...views), fc.webQueryParameters(), fc.webPath(), async (view, query, path) => {
        for (const url of [`/v1/show/${view.words.join('/')}?${query}`, `/v1/show${path}?${query}`]) {
          const response = await app.request(url);
          await response.json();
          expect(response.status).toBeLessThan(500);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('tells of a fault of its own without taking the gateway down', async () => {
    const broken = {
      ...emptySource(),
      host: () => {
        throw new Error('our bug');
      },
    };
    const response = await managementApp({
      managed: { source: broken, clear: () => false, clearAll: () => 0 },
      door: doorFor('view'),
    }).request('/v1/show/sockets');
    expect(response.status).toBe(500);
    expect(await response.json()).toMatchObject({ code: 'failed' });
  });
});
