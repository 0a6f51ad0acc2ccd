import type { Counters } from '../../kernel/counters.ts';
import type { ApiCounter } from '../../operations/access/api-counters.ts';
import { mayKnow, openRolesOf, type Principal } from '../../operations/access/role.ts';
import type { ApiOperation } from '../../operations/api/operation.ts';
import type { Audit, AuditEntry, AuditTrail } from '../../operations/audit/audit.ts';
import { type Refusal, refuse } from '../../operations/views/view.ts';
import { type Answered, type ApiRequest, refusalResponse, type ServedOperation } from './answer.ts';

type Outcome = Answered | Response;

/**
 * Sees to it that what is asked stands in its audit before it is done, and what came of it after. A change goes on where its
 * audit cannot be written, for a full disk must not keep an operator from acting, and the alarm `audit-not-written` stands; an
 * interception does not.
 */
export class Auditor {
  readonly #audit: Audit;

  readonly #counters: Counters<ApiCounter>;

  constructor(audit: Audit, counters: Counters<ApiCounter>) {
    this.#audit = audit;
    this.#counters = counters;
  }

  /** Carries something out, audited if it has to be. */
  async around(
    { operation, audited = (body) => body }: Pick<ServedOperation, 'operation' | 'audited'>,
    request: ApiRequest,
    work: () => Outcome | Promise<Outcome>,
  ): Promise<Outcome> {
    const trail = this.#trailOf(operation);
    if (trail === undefined) return work();
    const common = { ...whoOf(request.principal), request: `${operation.method} ${operation.path}` };
    const subject = { ...request.query, ...(audited(request.body) as object) };
    const asked: AuditEntry = { kind: 'asked', of: null, ...common, subject, result: null, what: null };
    const number = await appended(trail, asked);
    if (number === undefined && operation.role === 'intercept') {
      return refuse('failed', 'the audit cannot be written', 'nothing of interception is done without it');
    }
    const answered = await work();
    const { result, what } = resultOf(answered);
    await appended(trail, { kind: 'answered', of: number ?? null, ...common, subject: null, result, what });
    return answered;
  }

  /** Somebody was refused for want of a role. Whoever may not know of what they asked for is counted like who asks for nothing. */
  async refused(principal: Principal, operation: ApiOperation, refusal: Refusal): Promise<void> {
    this.#counters.add(mayKnow(principal, operation.role) ? 'api.refused.role' : 'api.refused.unknown');
    await this.#noteRefusal(principal, operation, refusal);
  }

  /** The form of a request was wrong; of what is audited that is noted, too. */
  async malformed(principal: Principal, operation: ApiOperation, refused: { refusal: Refusal }): Promise<Response> {
    this.#counters.add('api.refused.form');
    if (this.#trailOf(operation) !== undefined) await this.#noteRefusal(principal, operation, refused.refusal);
    return refusalResponse(refused);
  }

  /** There is nothing at the path. */
  unknown(response: Response): Response {
    this.#counters.add('api.refused.unknown');
    return response;
  }

  async #noteRefusal(principal: Principal, operation: ApiOperation, { code, what }: Refusal): Promise<void> {
    const isHidden = operation.role === 'intercept' || openRolesOf(principal.roles).length === 0;
    const trail = isHidden ? this.#audit.intercept : this.#audit.changes;
    const request = `${operation.method} ${operation.path}`;
    const entry: AuditEntry = {
      kind: 'refused',
      of: null,
      ...whoOf(principal),
      request,
      subject: null,
      result: code,
      what,
    };
    if (trail !== undefined) await appended(trail, entry);
  }

  #trailOf({ role, changes, audited }: ApiOperation): AuditTrail | undefined {
    if (role === 'intercept') return this.#audit.intercept;
    return changes || audited ? this.#audit.changes : undefined;
  }
}

function whoOf({ name, via, from }: Principal): Pick<AuditEntry, 'who' | 'via' | 'from'> {
  return { who: name, via, from };
}

function resultOf(answered: Outcome): Pick<AuditEntry, 'result' | 'what'> {
  if (answered instanceof Response || answered.ok) return { result: 'done', what: null };
  return { result: answered.refusal.code, what: answered.refusal.what };
}

/** The record's number; undefined if it is not on the disk, which the trail remembers as `failing`. */
async function appended(trail: AuditTrail, entry: AuditEntry): Promise<number | undefined> {
  try {
    return await trail.append(entry);
  } catch {
    return undefined;
  }
}
