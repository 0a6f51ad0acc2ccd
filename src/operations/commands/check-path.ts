import { apiOperations } from '../api/operations.ts';
import { findingLines } from '../doctor/diagnose.ts';
import type { Finding } from '../doctor/finding.ts';
import { addressArgument } from '../views/arguments.ts';
import { refuse } from '../views/view.ts';
import type { OperatorCommand } from './command.ts';

/** What was found out about the way from a gateway to an access node or an LMA. */
export interface PathAnswer extends Finding {
  readonly address: string;
  /** How long packets toward it may be, in octets, as the configuration says. */
  readonly mtu: number;
  /** The longest packet that passed; null if none did. */
  readonly passes: number | null;
}

/** A way that swallows long packets is found by some ten sizes, of which each that does not pass takes a second and more. */
export const pathWaitMs = 30_000;

/** `path check 198.51.100.7`: as `doctor path`, from the host of the gateway, wherever it is asked. */
export const checkPath: OperatorCommand<PathAnswer> = {
  words: ['path', 'check'],
  summary: apiOperations.checkPath.summary,
  options: [{ name: 'address', value: 'ADDRESS', description: 'an access node or an LMA' }],
  bare: 'address',
  operation: apiOperations.checkPath,
  input: ({ address: text }) => {
    if (text === undefined) return refuse('bad-argument', 'no address is named', 'write path check 198.51.100.7');
    const address = addressArgument(text);
    return address.ok ? { ok: true, value: { body: { address: address.value }, waitMs: pathWaitMs } } : address;
  },
  render: (answer) => findingLines([answer]),
  outcome: ({ verdict }) => (verdict === 'fault' ? 'refused' : 'done'),
};
