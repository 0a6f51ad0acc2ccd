import { apiOperations } from '../../operations/api/operations.ts';
import type { ConfigurationStatus } from '../../operations/configuration/answers.ts';
import { clientOf, type GatewayOptions } from '../ask.ts';

const patienceMs = 1000;
const because = {
  'not-confirmed': 'nobody has confirmed it in time',
  cancelled: 'it was cancelled',
  restarted: 'the gateway was started again before it was confirmed',
} as const;

/** What whoever has a shell open is to hear of commits: that one waits to be confirmed, and that one was taken back. */
export class ConfigurationNotices {
  readonly #options: GatewayOptions;
  #told: { readonly unconfirmed: string | undefined; readonly rolledBack: string | undefined } | undefined;

  constructor(options: GatewayOptions) {
    this.#options = options;
  }

  /** What is new since the last look; at the first one nothing is. */
  async look(): Promise<string[]> {
    const answer = await clientOf(this.#options, patienceMs).ask(apiOperations.configurationStatus);
    if (answer.kind !== 'data') return [];
    const { unconfirmed, rolledBack } = answer.data as ConfigurationStatus;
    const before = this.#told;
    this.#told = { unconfirmed: unconfirmed?.at, rolledBack: rolledBack?.at };
    if (before === undefined) return [];
    const lines: string[] = [];
    if (unconfirmed !== null && unconfirmed.at !== before.unconfirmed) {
      lines.push(
        `*** ${unconfirmed.who} has changed the configuration; it goes back at ${unconfirmed.until} unless it is confirmed`,
      );
    }
    if (rolledBack !== null && rolledBack.at !== before.rolledBack) {
      lines.push(`*** the configuration of ${rolledBack.who} was taken back: ${because[rolledBack.because]}`);
    }
    return lines;
  }
}
