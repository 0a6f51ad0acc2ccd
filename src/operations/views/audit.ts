import type { AuditRecord, AuditTrail } from '../audit/audit.ts';
import { integerArgument } from './arguments.ts';
import { refuse, shown, type View, type ViewOutcome, type ViewSource } from './view.ts';

export interface AuditData {
  /** Oldest first. */
  readonly records: readonly AuditRecord[];
  /** Records ever made. */
  readonly total: number;
  /** Where they are kept; null if in the log alone. */
  readonly file: string | null;
  /** Why they cannot be kept; null if they are. */
  readonly failing: string | null;
}

const limitDefault = 50;
const limitMax = 1000;

const options: View['options'] = [
  { name: 'user', value: 'NAME', description: 'only what this user asked for' },
  { name: 'limit', value: 'N', description: `the last N, 1 to ${limitMax}; ${limitDefault} if left out` },
];

function build(trail: AuditTrail | undefined, args: Readonly<Record<string, string>>): ViewOutcome<AuditData> {
  const limit = integerArgument('limit', args['limit'] ?? String(limitDefault), 1, limitMax);
  if (!limit.ok) return limit;
  if (trail === undefined) return refuse('refused', 'nothing is audited here', 'ask a gateway that runs as a service');
  const { total, file, failing } = trail;
  return shown({ records: trail.latest(limit.value, args['user']), total, file, failing });
}

function render({ records, total, file, failing }: AuditData): string[] {
  return [
    ...records.map(lineOf),
    `Audit: ${records.length} shown, ${total} in all, kept in ${file ?? 'the log'}`,
    ...(failing === null ? [] : [`Not written now: ${failing}`]),
  ];
}

function lineOf({ time, number, who, from, request, subject, result, of, what }: AuditRecord): string {
  const whom = `${who ?? 'nobody known'}${from === null ? '' : ` from ${from}`}`;
  const asked = of === null ? request : `#${of} ${request}`;
  const about = of !== null || subject === null ? '' : ` ${JSON.stringify(subject)}`;
  const outcome = result === null ? '' : ` -> ${result}${what === null ? '' : `: ${what}`}`;
  return `${time} #${number} ${whom}: ${asked}${about}${outcome}`;
}

/** Who changed what, and who was refused. */
export const audit: View<AuditData> = {
  words: ['audit'],
  summary: 'who changed what, and who was refused',
  role: 'configure',
  options,
  build: (source: ViewSource, _at, args) => build(source.audit?.changes, args),
  render,
};

/** The same of what needs the role `intercept`. */
export const interceptAudit: View<AuditData> = {
  words: ['intercept', 'audit'],
  summary: 'every request for interception, and who made it',
  role: 'intercept',
  options,
  build: (source: ViewSource, _at, args) => build(source.audit?.intercept, args),
  render,
};
