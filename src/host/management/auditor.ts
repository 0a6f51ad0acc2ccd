import type { Principal } from '../../operations/access/role.ts';
import type { ApiOperation } from '../../operations/api/operation.ts';
import type { Audit, AuditEntry, AuditTrail } from '../../operations/audit/audit.ts';
import { type Refusal, refuse } from '../../operations/views/view.ts';
import type { Answered, ApiRequest } from './answer.ts';

type Outcome = Answered | Response;

/**
 * Sees to it that what is asked stands in its audit before it is done, and what came of it after. A change goes on where its
 * audit cannot be written, for a full disk must not keep an operator from acting, and the alarm `audit-not-written` stands; an
 * interception does not.
 */
export class Auditor {
  readonly #audit: Audit;

  constructor(audit: Audit) {
    this.#audit = audit;
  }

  /** Carries something out, audited if it has to be. */
  async around(operation: ApiOperation, request: ApiRequest, work: () => Outcome | Promise<Outcome>): Promise<Outcome> {
    const trail = this.#trailOf(operation);
    if (trail === undefined) return work();
    const common = { ...whoOf(request.principal), request: `${operation.method} ${operation.path}` };
    const subject = { ...request.query, ...request.fields };
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

  /** Notes that somebody was refused before anything was done, for want of a role or for the form of the request. */
  async refused(principal: Principal, operation: ApiOperation, { code, what }: Refusal): Promise<void> {
    const trail = operation.role === 'intercept' ? this.#audit.intercept : this.#audit.changes;
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

  /** Whether what is asked of it has to be noted. */
  audits(operation: ApiOperation): boolean {
    return this.#trailOf(operation) !== undefined;
  }

  #trailOf({ role, changes }: ApiOperation): AuditTrail | undefined {
    if (role === 'intercept') return this.#audit.intercept;
    return changes ? this.#audit.changes : undefined;
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
