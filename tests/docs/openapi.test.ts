import { readFileSync } from 'node:fs';
import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect, expectTypeOf, it } from 'vitest';

import type { paths } from '../../docs/reference/api.d.ts';
import { answerSchemas } from '../../src/operations/api/answers.ts';
import { viewOperation } from '../../src/operations/api/operations.ts';
import type { OverviewData } from '../../src/operations/views/overview.ts';
import { views } from '../../src/operations/views/registry.ts';
import type { SrpInfoData } from '../../src/operations/views/srp/srp-info.ts';
import type { SubscribersData } from '../../src/operations/views/subscribers.ts';

/** The document that the gateway serves and the reference has; the other tests of it are our own code. */
const text = readFileSync(new URL('../../docs/reference/openapi.json', import.meta.url), 'utf8');

describe('the OpenAPI document', () => {
  it('is one, by the schema of the OpenAPI Initiative', async () => {
    const validator = new Validator();
    const { valid, errors } = await validator.validate(JSON.parse(text));
    expect(errors).toBeUndefined();
    expect([valid, validator.version]).toEqual([true, '3.1']);
    // Every reference leads somewhere.
    expect(() => validator.resolveRefs()).not.toThrow();
  });

  it.each([
    ['without its information', '"info"', '"information"'],
    ['with an operation that answers nothing', '"responses"', '"answers"'],
    ['with a parameter that is nowhere', '"in": "query"', '"in": "question"'],
  ])('would not be one %s', async (_, right, wrong) => {
    expect(text).toContain(right);
    const { valid } = await new Validator().validate(JSON.parse(text.replace(right, wrong)));
    expect(valid).toBe(false);
  });
});

interface Documented {
  readonly paths: Readonly<
    Record<string, { readonly get?: { responses: { 200: { content: Record<string, { example?: unknown }> } } } }>
  >;
}

describe('the examples of the document', () => {
  const { paths: documented } = JSON.parse(text) as Documented;

  it.each(views.filter(({ role }) => role !== 'intercept').map(viewOperation))(
    'have one of $path, which is what its schema says',
    ({ path }) => {
      const example = documented[path]?.get?.responses[200].content['application/json']?.example;
      expect(example).toBeTypeOf('object');
      expect(answerSchemas[path]!.safeParse(example).error?.issues).toBeUndefined();
    },
  );
});

/** What `GET` of a path answers, as a client in TypeScript is told. */
type Answer<Path extends keyof paths> = paths[Path] extends {
  get: { responses: { 200: { content: { 'application/json': infer Data } } } };
}
  ? Data
  : never;

describe('the types for clients', () => {
  // It is the compiler that looks at them.
  it('have what the gateway answers', () => {
    expectTypeOf<OverviewData>().toExtend<Answer<'/v1/show/overview'>>();
    expectTypeOf<SubscribersData>().toExtend<Answer<'/v1/show/subscribers/samog-only'>>();
    expectTypeOf<SrpInfoData>().toExtend<Answer<'/v1/show/srp/info'>>();
    expectTypeOf<Answer<'/v1/show/srp/info'>['local']['term']>().toEqualTypeOf<number>();
  });
});
