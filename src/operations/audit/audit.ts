import type { Principal } from '../access/role.ts';

/** What is noted of a request. */
export interface AuditEntry {
  /**
   * `asked` before it is carried out, `answered` when it has been; `refused` where it is not carried out at all; `login`
   * where somebody shows, or fails to show, who they are; `noted` where something was changed beside the API.
   */
  readonly kind: 'asked' | 'answered' | 'refused' | 'login' | 'noted';
  /** Of an answer: the number of what was asked. */
  readonly of: number | null;
  /** Null where nobody is known. */
  readonly who: string | null;
  readonly via: Principal['via'] | null;
  readonly from: string | null;
  /** Method and path, such as `POST /v1/clear/subscribers`. */
  readonly request: string;
  /** Query and body, as they came. */
  readonly subject: unknown;
  /** `done`, or the code of the refusal; null for what is only asked yet. */
  readonly result: string | null;
  /** The refusal, in words. */
  readonly what: string | null;
}

/** An entry in its place. */
export interface AuditRecord extends AuditEntry {
  /** Counts up by one, over all files of an audit. */
  readonly number: number;
  /** RFC 3339, UTC. */
  readonly time: string;
  /** SHA-256 of the line before this one, in hexadecimal: a line that is changed or missing shows. */
  readonly previous: string;
}

/** Who did what: an append-only list, of which the latest are at hand. */
export interface AuditTrail {
  /** Records ever made. */
  readonly total: number;
  /** Where it is kept; null if in the log alone. */
  readonly file: string | null;
  /** Why the file does not take what is written to it; null if it does. */
  readonly failing: string | null;
  /** The latest, oldest of them first. */
  latest(limit: number, who?: string): readonly AuditRecord[];
  /** Appends, and resolves with its number when it is on the disk. @throws if it does not get there */
  append(entry: AuditEntry): Promise<number>;
}

/** The audits of a gateway. */
export interface Audit {
  /** Every change, and every refusal. */
  readonly changes: AuditTrail;
  /** Every request of the role `intercept`, for its holders alone. Without it there is nothing of `intercept`. */
  readonly intercept?: AuditTrail | undefined;
}
