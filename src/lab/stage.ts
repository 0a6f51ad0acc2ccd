import { setTimeout as sleep } from 'node:timers/promises';
import type { AccessPath } from '../forwarding/entry.ts';
import { now } from '../host/clock.ts';
import type { Instant } from '../kernel/instant.ts';
import type { AccessPoint } from '../peers/actor.ts';
import type { IpAccessPoint } from '../peers/ip-access-point.ts';
import { MeasuredTraffic, type TrafficLoss } from '../peers/measured-traffic.ts';
import type { ResidentialGateway } from '../peers/residential-gateway.ts';
import type { ArrivalManner, Ue } from '../peers/ue.ts';
import { Wlc } from '../peers/wlc.ts';
import type { Session } from '../services/samog/session/state.ts';
import type { Lab } from './lab.ts';
import { addressText, type MeasuredHandover } from './scenario-result.ts';
import type { StepWatcher } from './step-watcher.ts';

/** How often a condition that is waited for is looked at. */
const pollMs = 2;
const packetIntervalMs = 2;
/** Traffic before a move and after it that counts as the move's. */
const windowMs = 60;
/** How long a packet is on its way, and on a busy machine at most until it counts as lost. */
const drainMs = 60;
const drainMaxMs = 2000;
/**
 * How long a UE hears its former access point after a move: a radio that makes before it breaks, so that what is lost is
 * lost by the gateway.
 */
export const radioOverlapMs = 500;

type LabAccessPoint = ResidentialGateway | Wlc | IpAccessPoint;

/** A lab on which one scenario is played: what a scenario can do, and what it has measured and found wrong. */
export class Stage {
  readonly lab: Lab;
  readonly ue: Ue;
  readonly watcher: StepWatcher;
  readonly handovers: MeasuredHandover[] = [];
  readonly failures: string[] = [];
  /** What a scenario measures besides handovers. */
  readonly figures: Record<string, number> = {};
  /** How long a condition is waited for that should come true at once; a busy machine needs its time. */
  patienceMs = 10_000;
  #traffic: MeasuredTraffic | undefined;

  constructor(lab: Lab, watcher: StepWatcher) {
    this.lab = lab;
    this.watcher = watcher;
    this.ue = lab.newUe();
  }

  /** Notes a failure unless the condition holds. */
  expect(condition: boolean, failure: string): void {
    if (!condition) this.failures.push(failure);
  }

  /** Tells a party something, and sends what it says to it. */
  tell(action: (at: Instant) => void): void {
    action(now());
    this.lab.poke();
  }

  pause(forMs: number): Promise<void> {
    return sleep(forMs).then(() => undefined);
  }

  /** Waits for a condition; a failure if it does not come true in time. */
  async until(condition: () => boolean, what: string, timeoutMs = this.patienceMs): Promise<boolean> {
    const end = now() + timeoutMs;
    while (!condition()) {
      if (now() > end) {
        this.failures.push(`waited in vain for ${what}`);
        return false;
      }
      await sleep(pollMs);
    }
    return true;
  }

  /** Brings the UE to its first access point, until it has an address. */
  async attach(to: LabAccessPoint, ue: Ue = this.ue): Promise<void> {
    this.lab.move(ue, to, 'dhcp-discover');
    await this.until(() => ue.dhcpState === 'Bound', `an address for ${ue.name} at ${to.name}`);
  }

  /** The UE's session in the gateway. */
  session(ue: Ue = this.ue): Session | undefined {
    return this.lab.gateway.manager.registry.ofMac(ue.mac)?.session;
  }

  /** Where the gateway's data path has the UE now. */
  path(ue: Ue = this.ue): AccessPath | undefined {
    const session = this.session(ue);
    if (session?.kind !== 'Live') return undefined;
    return this.lab.gateway.manager.flows.readBack(session.durable.id)?.access;
  }

  counter(name: Parameters<Lab['gateway']['manager']['counters']['get']>[0]): number {
    return this.lab.gateway.manager.counters.get(name);
  }

  /** Starts numbered packets both ways, if they do not flow yet, and lets some pass. */
  async startTraffic(): Promise<MeasuredTraffic> {
    if (this.#traffic === undefined) {
      this.#traffic = new MeasuredTraffic(this.ue, this.lab.host, { intervalMs: packetIntervalMs });
      this.lab.runs(this.#traffic);
      this.#traffic.start(now());
      this.lab.poke();
    }
    await this.pause(windowMs);
    return this.#traffic;
  }

  stopTraffic(): void {
    this.#traffic?.stop();
  }

  /** Moves the UE under traffic, and measures what that does to it. Loss and a change of address are failures. */
  async handover(to: LabAccessPoint, how: ArrivalManner): Promise<void> {
    const traffic = await this.startTraffic();
    const before = this.ue.address;
    const from = nameOf(this.ue.accessPoint);
    const start = now();
    this.lab.move(this.ue, to, how, radioOverlapMs);
    const trigger = to instanceof Wlc ? 'pbu' : how === 'silent' ? 'data' : how;
    const moved = await this.until(() => this.path()?.peer === to.address, `the switch of the path to ${to.name}`);
    await this.until(() => this.#settled(to, how), `the end of the signalling at ${to.name}`);
    await this.pause(windowMs);
    const loss = await this.#lossOf(traffic, start);
    const after = this.ue.address;
    const addresses = { ueAddressBefore: addressText(before), ueAddressAfter: addressText(after) };
    this.handovers.push({ from, to: nameOf(to), trigger, ...addresses, ...loss });
    this.expect(moved && before !== undefined && before === after, `the UE's address changed on its way to ${to.name}`);
  }

  /** Lets traffic go on for a while, and measures it; loss is a failure. */
  async measureTraffic(forMs: number): Promise<void> {
    const traffic = await this.startTraffic();
    const start = now();
    await this.pause(forMs);
    await this.#lossOf(traffic, start);
  }

  /** What was lost of the packets of a time that is over; those that are late on a busy machine are waited for. */
  async drained(traffic: MeasuredTraffic, from: Instant, to: Instant): Promise<TrafficLoss> {
    const end = now() + drainMaxMs;
    for (;;) {
      await this.pause(drainMs);
      const loss = traffic.loss(from, to);
      if (loss.uplinkLost + loss.downlinkLost === 0 || now() > end) return loss;
    }
  }

  async #lossOf(traffic: MeasuredTraffic, start: Instant) {
    const end = now();
    const { uplinkLost, downlinkLost, interruptionMs, senderPauseMs } = await this.drained(
      traffic,
      start - windowMs / 2,
      end,
    );
    this.expect(uplinkLost === 0, `${uplinkLost} uplink packets were lost`);
    this.expect(downlinkLost === 0, `${downlinkLost} downlink packets were lost`);
    const rounded = (milliseconds: number): number => Math.round(milliseconds * 100) / 100;
    return {
      uplinkLost,
      downlinkLost,
      interruptionMs: rounded(interruptionMs),
      senderPauseMs: rounded(senderPauseMs),
    };
  }

  /** Whether the UE has its ACK, or the WLC its PBA. */
  #settled(to: LabAccessPoint, how: ArrivalManner): boolean {
    if (to instanceof Wlc) return to.bindingOf(this.ue.mac)?.state === 'registered';
    return how === 'data' || how === 'silent' || this.ue.dhcpState === 'Bound';
  }
}

function nameOf(accessPoint: AccessPoint | undefined): string {
  if (accessPoint === undefined) return 'nowhere';
  return accessPoint instanceof Wlc ? `PMIPv6 ${accessPoint.name}` : `EoGRE ${accessPoint.name}`;
}
