import type { ChassisOfPair } from '../../sessmgr/pair/chassis-of-pair.ts';
import type { RedundancyConfig } from '../config/redundancy-config.ts';

/** What the views read of a chassis of a pair. They never change it. */
export interface RedundancyReader {
  readonly config: RedundancyConfig;
  readonly pair: Pick<
    ChassisOfPair,
    | 'chassis'
    | 'serves'
    | 'records'
    | 'replication'
    | 'checkpointsOf'
    | 'counts'
    | 'ledger'
    | 'journal'
    | 'validateConfiguration'
  >;
  link(): SrpLinkReport;
  /** Undefined where the pair has none. */
  serviceAddresses(): ServiceAddressReport | undefined;
}

/** The connection to the peer as the host has it; counts since the start. */
export interface SrpLinkReport {
  /** Address and port; undefined while there is no connection. */
  readonly local: string | undefined;
  readonly remote: string | undefined;
  readonly compression: string | undefined;
  readonly messagesSent: number;
  readonly messagesReceived: number;
  readonly octetsSent: number;
  readonly octetsReceived: number;
  /** Hellos on the wire; more than the chassis makes, because the link repeats them. */
  readonly hellosSent: number;
  readonly hellosReceived: number;
  /** Connections, handshakes and frames that were refused, by reason. */
  readonly refused: Readonly<Record<string, number>>;
}

/** What became of the addresses that belong to the pair, on this chassis; counts since the start. */
export interface ServiceAddressReport {
  readonly held: boolean;
  readonly taken: number;
  readonly released: number;
  /** Times that they were removed because this process had stood still. */
  readonly lost: number;
  readonly announcementsSent: number;
  readonly announcementsFailed: number;
  readonly keeperRestarts: number;
  /** Failures by operation and errno name, such as `add: EPERM`. */
  readonly problems: Readonly<Record<string, number>>;
  readonly routeChanges: number;
  readonly routeHookRuns: number;
  readonly routeHookFailures: number;
  /** What the hook was told last, and why it failed if it did. */
  readonly routeHookLast:
    | { readonly role: string; readonly routeModifier: number; readonly failure?: string }
    | undefined;
}
