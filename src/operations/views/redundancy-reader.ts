import type { Instant } from '../../kernel/instant.ts';
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
    | 'perInstance'
    | 'checkpointsOf'
    | 'counts'
    | 'ledger'
    | 'journal'
    | 'validateConfiguration'
  >;
  link(): SrpLinkReport;
  /** Undefined where the pair has none. */
  serviceAddresses(): ServiceAddressReport | undefined;
  /** What each monitor asks, and how it was answered. */
  monitors(): readonly MonitorReport[];
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
  /** Hellos on the wire; more than the chassis makes, because the link thread repeats them. */
  readonly hellosSent: number;
  readonly hellosReceived: number;
  /** Connections, handshakes and frames that were refused, by reason; only reasons that occurred. */
  readonly refused: Readonly<Record<string, number>>;
  /** Farewells of the peer, by reason; only reasons that occurred. */
  readonly goodbyes: Readonly<Record<string, number>>;
  /** How the last connection ended. */
  readonly lastEnd: { readonly reason: string; readonly at: Instant } | undefined;
  /** Everything that the link counts, by name; what stands above is among it. */
  readonly counters: Readonly<Record<string, number>>;
  readonly queuedOctets: number;
  readonly worstQueuedOctets: number;
  /** From the octets' arrival in the link thread until the main thread had them. */
  readonly worstDeliveryMs: number;
  readonly linkThread: { readonly worstPauseMs: number };
  /** Of the main loop and the link thread, as the chassis was told. */
  readonly stalls: { readonly count: number; readonly worstMs: number };
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

/** A question that a monitor asks again and again; counts since the start. */
export interface MonitorReport {
  readonly monitor: string;
  readonly name: string;
  readonly target: string;
  readonly healthy: boolean;
  readonly sent: number;
  readonly answered: number;
  /** In a row. */
  readonly missed: number;
  readonly lastAnswerAt: Instant | undefined;
}
