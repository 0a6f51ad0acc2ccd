import { apiOperations } from '../api/operations.ts';
import { counted, fieldLines } from '../views/format.ts';
import type { ForwardingAudit } from '../views/forwarding-reader.ts';
import type { OperatorCommand } from './command.ts';

/** What an audit has found; each number of entries was repaired. */
export type ForwardingAuditAnswer = Omit<ForwardingAudit, 'endedAt'>;

/** With a million sessions on a busy machine. */
const auditWaitMs = 120_000;

/** `audit forwarding`: what runs by itself every minute, now. */
export const auditForwarding: OperatorCommand<ForwardingAuditAnswer> = {
  words: ['audit', 'forwarding'],
  summary: apiOperations.auditForwarding.summary,
  options: [],
  operation: apiOperations.auditForwarding,
  input: () => ({ ok: true, value: { body: {}, waitMs: auditWaitMs } }),
  render: (answer) => [
    `${counted(answer.sessions, 'session')} compared in ${Math.round(answer.tookMs)} ms`,
    ...fieldLines([
      ['Entries Wrong', answer.wrongEntries],
      ['Sessions In The Kernel That Are None', answer.surplus],
      ['Sessions In The Kernel Wrong', answer.wrongSessions],
      ['Identifiers Wrong', answer.wrongIds],
      ['MAC Addresses Wrong', answer.wrongMacs],
    ]),
  ],
};
