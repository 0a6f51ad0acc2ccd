import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { busySource } from '../../../tests/operations/view-source.ts';
import { holds, type Role, roles } from '../../operations/access/role.ts';
import type { AuditTrail } from '../../operations/audit/audit.ts';
import { operatorCommands } from '../../operations/commands/table.ts';
import { AuditLog } from '../audit/audit-log.ts';
import { done } from './answer.ts';
import { answersOf, type Managed } from './answers.ts';
import { managementApp } from './app.ts';
import { doorOf } from './door.ts';

interface World {
  readonly managed: Managed;
  readonly changes: AuditTrail;
  readonly intercept: AuditTrail;
  /** What was done. */
  readonly deeds: string[];
}

const source = busySource();

function world(intercept: AuditTrail = AuditLog.inMemory()): World {
  const changes = AuditLog.inMemory();
  const deeds: string[] = [];
  const managed: Managed = {
    source: { ...source, audit: { changes, intercept } },
    clear: () => deeds.push('clear') > 0,
    clearAll: () => deeds.push('clear all'),
    further: [
      {
        operation: {
          method: 'POST',
          path: '/v1/intercept/targets',
          role: 'intercept',
          changes: true,
          summary: 'add a target',
        },
        body: { schema: z.strictObject({ target: z.string() }), example: { target: 'x' } },
        answer: ({ body }) => done({ deed: deeds.push(`intercept ${(body as { target: string }).target}`) }),
      },
    ],
  };
  return { managed, changes, intercept, deeds };
}

function ask({ managed }: World, granted: readonly Role[], method: string, path: string, body?: object) {
  const door = doorOf({ name: 'somebody', roles: granted, via: 'token', from: '192.0.2.7' });
  const init = { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
  return managementApp({ managed, door }).request(path, init);
}

const everything = answersOf(world().managed).map(({ operation }) => operation);

describe('an operation', () => {
  it.each(everything)('$method $path is for who has the role $role, and refused to all others', async (operation) => {
    for (const role of roles) {
      const { status } = await ask(world(), [role], operation.method, operation.path);
      const expected = holds({ roles: [role] }, operation.role) ? false : operation.role === 'intercept' ? 404 : 403;
      expect([role, status === 403 || (status === 404 && operation.role === 'intercept') ? status : false]).toEqual([
        role,
        expected,
      ]);
    }
  });

  it('that changes anything is for no viewer', () => {
    expect(everything.filter(({ role, changes }) => changes && holds({ roles: ['view'] }, role))).toEqual([]);
  });

  it('is what each command asks for', () => {
    const known = new Set(everything.map(({ method, path, role }) => `${method} ${path} ${role}`));
    const strangers = operatorCommands.filter(
      ({ operation: { method, path, role } }) => !known.has(`${method} ${path} ${role}`),
    );
    expect(strangers.map(({ words }) => words.join(' '))).toEqual([]);
  });
});

describe('the role intercept', () => {
  const path = '/v1/intercept/targets';

  it('is the only one by which anything of it is there', async () => {
    const one = world();
    const stranger = await ask(one, ['configure'], 'POST', path, { target: 'x' });
    const nothing = await ask(one, ['configure'], 'POST', '/v1/intercept/nothing', { target: 'x' });
    expect(stranger.status).toBe(404);
    expect(await stranger.text()).toBe(await nothing.text());
    const view = await ask(one, ['configure'], 'GET', '/v1/show/intercept/audit');
    const noView = await ask(one, ['configure'], 'GET', '/v1/show/intercept/nobody');
    expect((await view.text()).replace('audit', 'nobody')).toBe(await noView.text());
    expect([...view.headers]).toEqual([...noView.headers]);
    expect(await (await ask(one, ['configure'], 'GET', '/v1/show')).text()).not.toContain('intercept');
    expect(await (await ask(one, ['intercept'], 'GET', '/v1/show')).text()).toContain('intercept/audit');
    expect(one.deeds).toEqual([]);
    expect((await ask(one, ['intercept'], 'POST', path, { target: 'x' })).status).toBe(200);
    expect(one.deeds).toEqual(['intercept x']);
  });

  it('sees nothing else', async () => {
    for (const other of ['/v1/show/subscribers/samog-only', '/v1/show/audit', '/metrics']) {
      expect((await ask(world(), ['intercept'], 'GET', other)).status).not.toBe(200);
    }
  });

  it('has an audit of its own, of reading and of refusals too', async () => {
    const one = world();
    await ask(one, ['configure'], 'POST', path, { target: 'x' });
    await ask(one, ['intercept'], 'POST', path, { target: 'y' });
    await ask(one, ['intercept'], 'POST', path, { who: 'y' });
    await ask(one, ['intercept'], 'GET', '/v1/show/intercept/audit');
    expect(one.changes.latest(10)).toEqual([]);
    expect(one.intercept.latest(10)).toMatchObject([
      { kind: 'refused', who: 'somebody', result: 'forbidden' },
      { kind: 'asked', subject: { target: 'y' } },
      { kind: 'answered', of: 2, result: 'done' },
      { kind: 'refused', result: 'bad-argument' },
      { kind: 'asked', request: 'GET /v1/show/intercept/audit' },
      { kind: 'answered', of: 5, result: 'done' },
    ]);
    const shown = await (await ask(one, ['configure'], 'GET', '/v1/show/audit')).text();
    expect(shown).not.toContain('intercept');
  });

  it('has nothing of its holders in the audit that others read', async () => {
    const one = world();
    await ask(one, ['intercept'], 'GET', '/v1/show/sockets');
    await ask(one, ['intercept', 'view'], 'POST', '/v1/clear/subscribers', { all: true });
    expect(one.intercept.latest(10)).toMatchObject([{ kind: 'refused', request: 'GET /v1/show/sockets' }]);
    expect(one.changes.latest(10)).toMatchObject([{ kind: 'refused', request: 'POST /v1/clear/subscribers' }]);
  });

  it('does nothing that is not audited', async () => {
    const full: AuditTrail = {
      total: 0,
      file: 'audit',
      failing: 'ENOSPC',
      latest: () => [],
      append: () => Promise.reject(new Error('ENOSPC')),
    };
    const one = world(full);
    expect((await ask(one, ['intercept'], 'POST', path, { target: 'x' })).status).toBe(500);
    expect(one.deeds).toEqual([]);
    const { audit: _, ...source } = one.managed.source;
    const without = { ...one, managed: { ...one.managed, source } };
    expect((await ask(without, ['intercept'], 'POST', path, { target: 'x' })).status).toBe(404);
  });
});

describe('the audit', () => {
  it('has every change before and after it, with who, from where and what, and every refusal', async () => {
    const one = world();
    await ask(one, ['operate'], 'POST', '/v1/clear/subscribers', { mac: '0200.5e11.2233' });
    await ask(one, ['view'], 'POST', '/v1/clear/subscribers', { all: true });
    await ask(one, ['operate'], 'POST', '/v1/clear/subscribers', { mac: 'nonsense' });
    await ask(one, ['operate'], 'GET', '/v1/show/sockets');
    const who = { who: 'somebody', via: 'token', from: '192.0.2.7', request: 'POST /v1/clear/subscribers' };
    expect(one.changes.latest(10)).toMatchObject([
      { ...who, number: 1, kind: 'asked', subject: { mac: '0200.5e11.2233' }, result: null },
      { ...who, number: 2, kind: 'answered', of: 1, result: 'done' },
      { ...who, number: 3, kind: 'refused', result: 'forbidden' },
      { ...who, number: 4, kind: 'asked' },
      { ...who, number: 5, kind: 'answered', of: 4, result: 'bad-argument' },
    ]);
    expect(one.deeds).toEqual(['clear']);
  });
});
