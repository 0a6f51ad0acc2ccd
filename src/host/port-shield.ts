import type { Ipv4Address } from '../kernel/address.ts';
import type { Instant } from '../kernel/instant.ts';
import { now } from './clock.ts';
import { type ExpectedClients, FloodGuard } from './flood-guard.ts';
import { ShieldCourse, type ShieldEnd } from './shield-course.ts';
import type { HostSocket } from './sockets/socket-driver.ts';
import { type SourceRule, sourceFilter } from './sockets/source-filter.ts';

const lookMs = 1000;

/** What is told of a flood: whom the kernel refuses from now on, and in the end what it has refused. */
export type ShieldNews =
  | { readonly kind: 'raised'; readonly rule: SourceRule }
  | ({ readonly kind: 'ended' } & ShieldEnd);

/** Has the kernel refuse those who flood a port, as `FloodGuard` sees them, where the driver can; for how long, see `ShieldCourse`. */
export class PortShield {
  /** That of the port, once it is open. */
  socket: HostSocket | undefined;
  readonly #guard: FloodGuard;
  readonly #course = new ShieldCourse();
  readonly #told: (news: ShieldNews) => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(expected: ExpectedClients, told: (news: ShieldNews) => void) {
    this.#guard = new FloodGuard(expected, (rule) => this.#raise(rule));
    this.#told = told;
  }

  saw(source: Ipv4Address, now: Instant): void {
    this.#guard.saw(source, now);
  }

  /** Others may send to the port from now on; a rule that stands, stands until it is lowered. */
  expect(expected: ExpectedClients): void {
    this.#guard.expect(expected);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #raise(rule: SourceRule): void {
    if (this.socket?.filter === undefined) return;
    const isNews = this.#course.raised(rule, this.#refused(), now());
    this.socket.filter(sourceFilter(rule));
    this.#timer ??= setInterval(() => this.#look(), lookMs);
    if (isNews) this.#told({ kind: 'raised', rule });
  }

  #look(): void {
    const step = this.#course.look(this.#refused(), now());
    if (step === 'nothing') return;
    if (step === 'lower') {
      this.socket?.filter?.(undefined);
      this.#guard.lowered();
      return;
    }
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#told({ kind: 'ended', ...step });
  }

  #refused(): number {
    return this.socket?.statistics().kernelDrops ?? 0;
  }
}
