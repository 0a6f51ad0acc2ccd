import type { Ipv4Address } from '../kernel/address.ts';
import type { Instant } from '../kernel/instant.ts';
import { type ExpectedClients, FloodGuard } from './flood-guard.ts';
import type { HostSocket } from './sockets/socket-driver.ts';
import { type SourceRule, sourceFilter } from './sockets/source-filter.ts';

/** Has the kernel refuse those who flood a port, as `FloodGuard` sees them, where the driver can. */
export class PortShield {
  /** That of the port, once it is open. */
  socket: HostSocket | undefined;
  readonly #guard: FloodGuard;
  readonly #told: (rule: SourceRule) => void;
  #timer: NodeJS.Timeout | undefined;

  /** @param told called when the kernel has been given a rule */
  constructor(expected: ExpectedClients, told: (rule: SourceRule) => void) {
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
    clearTimeout(this.#timer);
  }

  #raise(rule: SourceRule): void {
    if (this.socket?.filter === undefined) return;
    this.socket.filter(sourceFilter(rule));
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#lower(), FloodGuard.shieldMs);
    this.#told(rule);
  }

  #lower(): void {
    this.socket?.filter?.(undefined);
    this.#guard.lowered();
  }
}
