import type { Instant, WallClock } from '../../kernel/instant.ts';
import type { LookWish } from '../../sessmgr/instances/look.ts';
import type { ManagerReader } from '../../sessmgr/manager-reader.ts';
import type { RecoveryStatus } from '../../sessmgr/recovery/recovery-status.ts';
import type { SubscriberPages } from '../../sessmgr/subscriber-pages.ts';
import type { ManagementReader } from '../access/management-reader.ts';
import type { Role } from '../access/role.ts';
import type { AlarmReader } from '../alarms/alarm.ts';
import type { Audit } from '../audit/audit.ts';
import type { GatewayConfig } from '../config/gateway-config.ts';
import type { ConfigurationReader } from '../configuration/reader.ts';
import type { EventLog } from '../event-log.ts';
import type { GatewayHistory } from '../history/history.ts';
import type { NotificationReader } from '../notifications/notification-reader.ts';
import type { ForwardingReader } from './forwarding-reader.ts';
import type { RedundancyReader } from './redundancy-reader.ts';

/** A socket and what it has done, as plain data. Counts never fall. */
export interface SocketReport {
  readonly port: string;
  /** Counted from 0 within the port. */
  readonly channel: number;
  readonly transport: string;
  /** The local address and port, as `192.0.2.1:4754`. */
  readonly local: string;
  readonly packetsReceived: number;
  /** Octets handed to the receiver or taken from the sender: without outer IP and UDP headers. */
  readonly octetsReceived: number;
  readonly packetsSent: number;
  readonly octetsSent: number;
  /** Packets refused because the send queue was full or the socket closed. */
  readonly sendsRefused: number;
  /** Packets dropped because they were longer than a receive slot. */
  readonly receivesTruncated: number;
  /** Packets for which the receiver threw. */
  readonly receiveFaults: number;
  /** Packets the kernel dropped because the receive buffer was full, or a filter rejected them; undefined where the driver cannot know. */
  readonly kernelDrops: number | undefined;
  /** The receive buffer the kernel granted, in octets by its own account. */
  readonly receiveBufferOctets: number;
  /** Failures of sending and receiving by errno name. The packet concerned is lost. */
  readonly errors: Readonly<Record<string, number>>;
}

/** What the host says of itself. */
export interface HostReport {
  /** How packets are received and sent: `batched` or `dgram`. */
  readonly driver: string;
  /** Why it is not the batched one, if that was wanted. */
  readonly driverFallbackReason: string | undefined;
  readonly sockets: readonly SocketReport[];
  readonly faults: number;
  readonly sendsUnroutable: number;
  readonly stall: { readonly worstMs: number; readonly percentile99Ms: number };
}

/** Everything that views are made of. */
export interface ViewSource {
  readonly config: GatewayConfig;
  /** All session manager instances as one. */
  readonly manager: ManagerReader;
  /** Each of them; absent where there is only one. */
  readonly managers?: readonly ManagerReader[];
  /** Session manager instances that serve nobody now, counted from 1: their threads have ended. Absent where they have none. */
  instancesDown?(): readonly number[];
  /** Sockets of the service addresses that cannot be had at present, a sentence each; absent where all must be there at the start. */
  portsMissing?(): readonly string[];
  readonly startedAt: Instant;
  readonly events: EventLog;
  /** How it was in the last day; absent where nobody remembers. */
  readonly history?: GatewayHistory | undefined;
  readonly subscriberPages: Pick<SubscriberPages, 'next'>;
  /** Who remembers alarms; absent where nobody does, and they are shown as they are. */
  readonly alarms?: AlarmReader;
  /** Who is told of alarms and events; absent where nobody is. */
  readonly notifications?: NotificationReader | undefined;
  /** How operators reach the gateway; absent where none can. */
  readonly management?: ManagementReader | undefined;
  /** Its file, and what waits to become it; absent where it was started from none. */
  readonly configuration?: ConfigurationReader | undefined;
  /** Absent where nobody can change anything by the API. */
  readonly audit?: Audit | undefined;
  /** The pair; absent on a chassis that is alone. */
  readonly redundancy?: RedundancyReader | undefined;
  /**
   * Calls `show` while `manager`, `managers` and `subscriberPages` show what there is at this moment: of all sessions together,
   * and those that are wished for. Absent where they always do.
   */
  look?<Shown>(wish: LookWish, show: () => Shown): Promise<Shown>;
  /** Resolves when packets have been served: what takes long waits for it now and again. Absent where none come. */
  pause?(): Promise<void>;
  readonly forwarding: ForwardingReader;
  /** The call recovery store; undefined where nothing is kept on disk. */
  recovery(): RecoveryStatus | undefined;
  host(): HostReport;
}

/** One moment, by both clocks. */
export interface Moment {
  readonly now: Instant;
  readonly wallClock: WallClock;
}

/** An option of a view: `full` (a flag) or `mac ADDRESS` (a value). */
export interface ViewOption {
  readonly name: string;
  /** What stands for the value in help texts; absent for a flag. */
  readonly value?: string;
  readonly description: string;
  /** What its value is where none is written. */
  readonly implied?: string;
  /** The only values there are. */
  readonly choices?: readonly string[];
  /** What its values are, where a shell can ask the gateway for those there are. */
  readonly completion?: 'mac' | 'cmd-id' | 'instance' | 'profile' | 'setting';
}

/** Options given, by name; a flag that is given has the value `''`. Names are those the view declares. */
export type ViewArguments = Readonly<Record<string, string>>;

/** A request that cannot be fulfilled, as data. */
export interface Refusal {
  readonly code:
    | 'bad-argument'
    | 'not-found'
    | 'unknown-view'
    | 'refused'
    | 'failed'
    | 'unauthenticated'
    | 'forbidden'
    | 'too-many';
  readonly what: string;
  /** What to do about it. */
  readonly hint: string;
}

export type ViewOutcome<Data> =
  | { readonly ok: true; readonly data: Data }
  | { readonly ok: false; readonly refusal: Refusal };

/**
 * One `show` command: what it shows as plain JSON data, and the text that is made of that data alone. Absent values
 * are null, so that every key is always there.
 */
export interface View<Data = unknown, Surveyed = unknown> {
  /** The words after `show`; joined by `/` they are its path in the management API. */
  readonly words: readonly string[];
  readonly summary: string;
  /** What whoever asks for it has to hold. */
  readonly role: Role;
  readonly options: readonly ViewOption[];
  /** The sessions that are to be seen when it is built; absent for a view that shows none. */
  wish?(args: ViewArguments, source: ViewSource, at: Moment, surveyed?: Surveyed): LookWish;
  /**
   * What grows with sessions or tunnels, gone through a part at a time with pauses in between; absent for a view that takes no longer
   * the more there are of them.
   */
  survey?(source: ViewSource, at: Moment, args: ViewArguments): Promise<Surveyed>;
  /** Within `shownBy`. */
  build(source: ViewSource, at: Moment, args: ViewArguments, surveyed?: Surveyed): ViewOutcome<Data>;
  render(data: Data): string[];
}

/** Has something made of a source as it is at this moment, whichever threads that has to be asked of. */
export async function shownBy<Shown>(source: ViewSource, wish: LookWish, show: () => Shown): Promise<Shown> {
  return source.look === undefined ? show() : source.look(wish, show);
}

/**
 * Builds a view of a gateway that serves packets meanwhile.
 *
 * @param moment what the clocks show
 */
export async function viewed<Data, Surveyed>(
  view: View<Data, Surveyed>,
  source: ViewSource,
  moment: () => Moment,
  args: ViewArguments,
): Promise<ViewOutcome<Data>> {
  const surveyed = await view.survey?.(source, moment(), args);
  // Where all sessions are here nothing has to be wished for.
  const wish = source.look === undefined ? undefined : view.wish?.(args, source, moment(), surveyed);
  return shownBy(source, wish ?? {}, () => view.build(source, moment(), args, surveyed));
}

/** The outcome of a view that has something to show. */
export function shown<Data>(data: Data): ViewOutcome<Data> {
  return { ok: true, data };
}

/** The outcome of a view that shows nothing: what is wrong, and what to do about it. */
export function refuse(code: Refusal['code'], what: string, hint: string): { ok: false; refusal: Refusal } {
  return { ok: false, refusal: { code, what, hint } };
}
