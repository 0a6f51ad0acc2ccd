import type { Audit, AuditEntry, AuditTrail } from '../../src/operations/audit/audit.ts';

const clear: AuditEntry = {
  kind: 'asked',
  of: null,
  who: 'alice',
  via: 'token',
  from: '192.0.2.7',
  request: 'POST /v1/clear/subscribers',
  subject: { mac: '02:00:5e:11:22:33' },
  result: null,
  what: null,
};

/** Audits in which somebody has done something, and somebody else was refused. */
export function sampleAudit(): Audit {
  return {
    changes: trailOf([
      clear,
      { ...clear, kind: 'answered', of: 1, subject: null, result: 'done' },
      {
        ...clear,
        kind: 'refused',
        who: 'bob',
        subject: null,
        result: 'forbidden',
        what: 'this needs the role operate',
      },
    ]),
    intercept: trailOf([{ ...clear, who: 'carol', request: 'GET /v1/show/intercept/audit', subject: null }]),
  };
}

function trailOf(entries: readonly AuditEntry[]): AuditTrail {
  const records = entries.map((entry, index) => ({
    number: index + 1,
    time: `2026-11-21T03:00:0${index}.000Z`,
    ...entry,
    previous: String(index).repeat(64),
  }));
  return {
    total: records.length,
    file: 'audit.jsonl',
    failing: null,
    latest: (limit, who) => records.filter((record) => who === undefined || record.who === who).slice(-limit),
    append: async () => 0,
  };
}
