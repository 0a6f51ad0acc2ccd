import { z } from 'zod';
import { exportOptions } from '../export/subscriber-export.ts';
import { views } from '../views/registry.ts';
import type { ViewOption } from '../views/view.ts';
import { answerSchemas } from './answers.ts';
import { type ApiBody, apiBodies } from './bodies.ts';
import type { ApiOperation } from './operation.ts';
import { apiOperations, viewOperation } from './operations.ts';

type Json = Readonly<Record<string, unknown>>;

/** An operation as the document has it. */
export interface DocumentedOperation {
  /** Such as "clearSubscribers" and "showSamogService". */
  readonly id: string;
  readonly operation: ApiOperation;
  readonly options: readonly ViewOption[];
  readonly body: ApiBody | undefined;
}

const back: ViewOption = { name: 'back', value: 'NUMBER', description: 'how many commits ago; 0 if left out' };

/** What else than views takes a query, by its identifier. */
const queries: Readonly<Record<string, readonly ViewOption[]>> = {
  exportSubscribers: exportOptions,
  explainSubscriber: [{ name: 'mac', value: 'ADDRESS', description: 'the subscriber' }],
  configurationText: [back],
  compareCandidate: [back],
  candidate: [{ name: 'path', value: 'PATH', description: 'only this section or setting; all of it if left out' }],
};

/** Every operation that everybody may know of, in the order of the contract. */
export const documentedOperations: readonly DocumentedOperation[] = [
  ...Object.entries(apiOperations).map(([id, operation]) => ({
    id,
    operation,
    options: queries[id] ?? [],
    body: (apiBodies as Readonly<Record<string, ApiBody>>)[id],
  })),
  ...views
    .filter(({ role }) => role !== 'intercept')
    .map((view) => ({
      id: `show${view.words
        .flatMap((word) => word.split('-'))
        .map(capitalised)
        .join('')}`,
      operation: viewOperation(view),
      options: view.options,
      body: undefined,
    })),
];

function capitalised(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

/** Answers that are no JSON. */
const otherAnswers: Readonly<Record<string, string>> = {
  [apiOperations.metrics.path]: 'text/plain',
  [apiOperations.reference.path]: 'text/html',
  [apiOperations.exportSubscribers.path]: 'text/csv',
};

/** Answers whose schema is not the project's. */
const anyJson: readonly string[] = [apiOperations.openApi.path];

const refusal = z.strictObject({
  code: z
    .enum([
      'bad-argument',
      'not-found',
      'unknown-view',
      'refused',
      'failed',
      'unauthenticated',
      'forbidden',
      'too-many',
    ])
    .describe('What kind of refusal it is; it does not change.'),
  what: z.string().describe('What is wrong.'),
  hint: z.string().describe('What to do about it.'),
});

/** The management API as an OpenAPI 3.1 document, made of the contract alone. What needs the role `intercept` is not in it. */
export function openApiDocument(version: string): Json {
  const schemas: Record<string, unknown> = { Refusal: schemaOf(refusal, 'output') };
  const paths: Record<string, Record<string, unknown>> = {};
  for (const documented of documentedOperations) {
    const { id, operation } = documented;
    const answer = answerSchemas[operation.path];
    if (answer !== undefined && otherAnswers[operation.path] === undefined) {
      schemas[capitalised(id)] = schemaOf(answer, 'output');
    }
    paths[operation.path] = { ...paths[operation.path], [operation.method.toLowerCase()]: pathItem(documented) };
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'SaMOG gateway: management API',
      version,
      description:
        'Everything that an operator can see and do. Times are RFC 3339 in UTC beside an age in seconds, absent values are null. ' +
        'A refusal says what is wrong and what to do about it.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: 'https://{gateway}:8443', variables: { gateway: { default: 'localhost' } } }],
    security: [{ token: [] }, { session: [] }],
    paths,
    components: {
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'A token that `samog user add` has printed.' },
        session: { type: 'apiKey', in: 'cookie', name: '__Host-samog', description: 'Given by `POST /v1/session`.' },
      },
      schemas,
    },
  };
}

function pathItem({ id, operation, options, body }: DocumentedOperation): Json {
  const isLogin = operation.path === apiOperations.logIn.path;
  return {
    operationId: id,
    summary: operation.summary,
    description: operation.role === 'any' ? 'For everybody who is known.' : `Needs the role \`${operation.role}\`.`,
    tags: [tagOf(operation.path)],
    ...(isLogin ? { security: [], description: 'For everybody, from a page of the gateway.' } : {}),
    ...(options.length === 0 ? {} : { parameters: options.map((option) => parameter(option, id)) }),
    ...(body === undefined ? {} : { requestBody: requestBody(body) }),
    responses: {
      200: { description: 'Done.', content: content(id, operation) },
      default: { description: 'Refused.', content: jsonOf({ $ref: '#/components/schemas/Refusal' }) },
    },
  };
}

function tagOf(path: string): string {
  return /^\/v1\/([\w-]+)/.exec(path)?.[1] ?? 'documents';
}

function content(id: string, { path, method }: ApiOperation): Json {
  const other = otherAnswers[path];
  if (other !== undefined) return { [other]: { schema: { type: 'string' } } };
  if (anyJson.includes(path)) return jsonOf({ type: 'object' });
  // Two operations of a session answer each in its own way.
  if (path === apiOperations.logIn.path) {
    return jsonOf(method === 'POST' ? { $ref: '#/components/schemas/Principal' } : { type: 'object' });
  }
  return jsonOf({ $ref: `#/components/schemas/${capitalised(id)}` });
}

function jsonOf(schema: Json): Json {
  return { 'application/json': { schema } };
}

function parameter({ name, value, description, choices }: ViewOption, id: string): Json {
  const required = id === 'explainSubscriber';
  if (value === undefined) {
    return { name, in: 'query', description, required, allowEmptyValue: true, schema: { type: 'string', const: '' } };
  }
  const schema = { type: 'string', ...(choices === undefined ? {} : { enum: choices }) };
  return { name, in: 'query', description: `${value}: ${description}`, required, schema };
}

function requestBody({ schema, example }: ApiBody): Json {
  const required = !schema.safeParse({}).success;
  return { required, content: { 'application/json': { schema: schemaOf(schema, 'input'), example } } };
}

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema: _, ...plain } = z.toJSONSchema(schema, { io, target: 'draft-2020-12' });
  return plain;
}
