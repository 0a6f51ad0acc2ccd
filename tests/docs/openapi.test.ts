import { readFileSync } from 'node:fs';
import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect, it } from 'vitest';

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
