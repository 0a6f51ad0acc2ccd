import { formatIpv4, type Ipv4Address } from '../kernel/address.ts';
import type { FlowLine, SeenStep } from './step-watcher.ts';

/** One move of a UE under traffic, as it was measured. */
export interface MeasuredHandover {
  /** Such as `PMIPv6 wlc1` or `EoGRE rg1`. */
  readonly from: string;
  readonly to: string;
  readonly trigger: 'dhcp-discover' | 'dhcp-request' | 'data' | 'pbu';
  readonly ueAddressBefore: string | null;
  readonly ueAddressAfter: string | null;
  /** Packets sent from shortly before the move to shortly after it that never arrived. */
  readonly uplinkLost: number;
  readonly downlinkLost: number;
  /** The longest time without an arrival in either direction. */
  readonly interruptionMs: number;
  /** The longest time in which nothing was sent, because the machine had other work: part of the interruption. */
  readonly senderPauseMs: number;
}

export interface ScenarioResult {
  readonly scenario: string;
  readonly passed: boolean;
  readonly steps: readonly SeenStep[];
  readonly handovers: readonly MeasuredHandover[];
  /** What else was measured, by name. */
  readonly figures: Readonly<Record<string, number>>;
  /** The seed's twelve variables, of the gateway since it was started. */
  readonly bulkstats: Readonly<Record<string, number>>;
  /** What was not as expected, one sentence each. */
  readonly failures: readonly string[];
}

/** A scenario that was played, and what was seen of it. */
export interface ScenarioRun {
  readonly result: ScenarioResult;
  readonly flow: readonly FlowLine[];
}

/** An address as a result of a scenario has it: null where there is none. */
export function addressText(address: Ipv4Address | undefined): string | null {
  return address === undefined ? null : formatIpv4(address);
}
