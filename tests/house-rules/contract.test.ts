import { describe, expect, it } from 'vitest';
import { answersOf } from '../../src/host/management/answers.ts';
import { answerSchemas } from '../../src/operations/api/answers.ts';
import { documentedOperations, openApiDocument } from '../../src/operations/api/openapi.ts';
import { viewOperation } from '../../src/operations/api/operations.ts';
import { operatorCommands } from '../../src/operations/commands/table.ts';
import { explainSubscriber } from '../../src/operations/explain/explain-subscriber.ts';
import { healthOf } from '../../src/operations/health.ts';
import { views } from '../../src/operations/views/registry.ts';
import { type View, type ViewArguments, type ViewSource, viewed } from '../../src/operations/views/view.ts';
import { pairSource } from '../operations/pair-source.ts';
import { sampleAlarms } from '../operations/sample-alarms.ts';
import { sampleNotifications } from '../operations/sample-notifications.ts';
import { busySource, emptySource, macOfText, moment } from '../operations/view-source.ts';

/** What a view may lack, and why. */
const excused: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'intercept/audit': { document: 'what belongs to interception is in no document that others can read' },
};

const sources: Readonly<Record<string, ViewSource>> = {
  busy: busySource(),
  alarmed: { ...busySource(), alarms: sampleAlarms(), notifications: sampleNotifications },
  empty: emptySource(),
  active: pairSource('active'),
  standby: pairSource('standby'),
  init: pairSource('init'),
};

/** Options that change the form of an answer. */
function formsOf({ options }: View): ViewArguments[] {
  const flags = options.filter(({ value }) => value === undefined).map(({ name }) => ({ [name]: '' }));
  const instance = options.some(({ name }) => name === 'instance') ? [{ instance: '1', 'debug-info': '' }] : [];
  return [{}, ...flags, ...instance];
}

const paths = openApiDocument('1.2.3')['paths'] as Readonly<Record<string, Readonly<Record<string, unknown>>>>;

describe('the contract', () => {
  it.each(views)('$words has all of its renderings, or says why not', (view) => {
    const path = view.words.join('/');
    const { path: apiPath } = viewOperation(view);
    const lacks = [
      ...(operatorCommands.some(({ operation }) => operation.path === apiPath) ? [] : ['command']),
      ...(answerSchemas[apiPath] === undefined ? ['schema'] : []),
      ...(paths[apiPath]?.['get'] === undefined ? ['document'] : []),
      ...(answersOf({ source: sources['busy']!, clear: () => false, clearAll: () => 0 }).some(
        ({ operation }) => operation.path === apiPath,
      )
        ? []
        : ['answer']),
    ];
    expect(lacks).toEqual(Object.keys(excused[path] ?? {}));
  });

  it.each(views)('$words answers nothing that its schema does not have', async (view) => {
    const schema = answerSchemas[viewOperation(view).path]!;
    let answers = 0;
    for (const [name, source] of Object.entries(sources)) {
      for (const args of formsOf(view)) {
        const outcome = await viewed(view, source, () => moment, args);
        if (!outcome.ok) continue;
        answers += 1;
        const { error } = schema.safeParse(JSON.parse(JSON.stringify(outcome.data)));
        expect([name, args, error?.issues ?? []]).toEqual([name, args, []]);
      }
    }
    expect(answers).toBeGreaterThan(0);
  });

  it('has a schema for what is no view, too', () => {
    for (const source of Object.values(sources)) {
      const health = { ...healthOf(source, moment), pid: 1 };
      expect(answerSchemas['/v1/health']!.safeParse(health).error?.issues).toBeUndefined();
      const mac = macOfText('02:00:5e:11:22:33');
      const explained = JSON.parse(JSON.stringify(explainSubscriber(source, moment, mac))) as unknown;
      expect(answerSchemas['/v1/explain/subscriber']!.safeParse(explained).error?.issues).toBeUndefined();
    }
  });

  it('is documented as a whole, and nothing else is', () => {
    const served = answersOf({ source: sources['busy']!, clear: () => false, clearAll: () => 0 })
      .filter(({ operation }) => operation.role !== 'intercept')
      .map(({ operation: { method, path } }) => `${method} ${path}`);
    const beside = ['POST /v1/session', 'DELETE /v1/session', 'GET /v1/session/ticket', 'GET /metrics'];
    const documented = documentedOperations.map(({ operation: { method, path } }) => `${method} ${path}`);
    expect([...documented].sort()).toEqual([...served, ...beside].sort());
    expect(new Set(documentedOperations.map(({ id }) => id)).size).toBe(documentedOperations.length);
  });

  it('has in its document what it refers to, and nothing of interception', () => {
    const text = JSON.stringify(openApiDocument('1.2.3'));
    const { components } = JSON.parse(text) as { components: { schemas: Record<string, unknown> } };
    const referred = [...text.matchAll(/#\/components\/schemas\/(\w+)/g)].map(([, name]) => name!);
    expect(referred.filter((name) => components.schemas[name] === undefined)).toEqual([]);
    expect(Object.keys(components.schemas).filter((name) => !referred.includes(name))).toEqual([]);
    expect(text).not.toMatch(/\/v1\/(show\/)?intercept/);
  });
});
