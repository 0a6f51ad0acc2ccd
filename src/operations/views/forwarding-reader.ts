import type { ForwardingEntry } from '../../forwarding/entry.ts';
import type { TunnelFigures } from '../../forwarding/tunnel-figures.ts';
import type { Instant } from '../../kernel/instant.ts';
import type { WhyNotInKernel } from '../../sessmgr/instances/look.ts';

/** Where packets of established sessions are forwarded. */
export type FastPathMode =
  /** By the drivers of the interfaces, or by the kernel in front of its network stack. */
  | 'native'
  | 'generic'
  /** By the gateway itself alone. */
  | 'off';

/** What an audit of the forwarding has compared, and repaired. */
export interface ForwardingAudit {
  readonly endedAt: Instant;
  readonly tookMs: number;
  /** Sessions that were compared with their entries, and those whose entry was wrong. */
  readonly sessions: number;
  readonly wrongEntries: number;
  /** Sessions that the fast path had and nobody else. */
  readonly surplus: number;
  /** Entries of the kernel's maps that were wrong, missing or too many. */
  readonly wrongSessions: number;
  readonly wrongIds: number;
  readonly wrongMacs: number;
}

/** How many entries an audit has repaired. */
export function repairedBy({ wrongEntries, surplus, wrongSessions, wrongIds, wrongMacs }: ForwardingAudit): number {
  return wrongEntries + surplus + wrongSessions + wrongIds + wrongMacs;
}

export interface FastPathStatus {
  readonly mode: FastPathMode;
  /** Why it is not the one before it in the order native, generic, off; undefined if it is the one that was asked for. */
  readonly reason: string | undefined;
  /** False on a standby: its sessions are programmed, and everything goes up. */
  readonly forwards: boolean;
  readonly interfaces: readonly string[];
  /** Those of them that are not there at the moment, and why their packets are not forwarded by it. */
  readonly missing: ReadonlyMap<string, string>;
  /** For how long it forwards without the gateway, in milliseconds; 0 if it ends with the process. */
  readonly outlivesMs: number;
  readonly sessionsMax: number;
  /** Sessions that it knows, forwarded or held back. */
  readonly sessions: number;
  /** Times that the kernel has refused a change; an audit has made up for it, or will. */
  readonly failures: number;
  readonly audit: ForwardingAudit | undefined;
}

/** What the views of forwarding are made of. */
export interface ForwardingReader {
  status(): FastPathStatus;
  /** Why a session is forwarded by the gateway itself; undefined if it is not. */
  whyNot(sessionId: number, entry: ForwardingEntry): WhyNotInKernel;
  /** What was seen of tunnels, in the packets that were forwarded in the kernel: some at each step. */
  tunnels(): Iterable<readonly TunnelFigures[]>;
}
