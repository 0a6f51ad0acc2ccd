import type { GreTransport } from '../forwarding/inner-mtu.ts';
import { now } from '../host/clock.ts';
import { DeadlineTimer } from '../host/deadline-timer.ts';
import type { HostSocket, SocketDriver } from '../host/sockets/socket-driver.ts';
import { isIpv4 } from '../kernel/address.ts';
import { never } from '../kernel/instant.ts';
import type { Timed } from '../kernel/port.ts';
import type { Actor, Datagram, Network } from '../peers/actor.ts';

/**
 * The network of the lab: each actor has sockets of its own, bound to its address, and is called when a packet or its
 * deadline comes. One timer serves all deadlines.
 */
export class SocketNetwork implements Network {
  readonly #driver: SocketDriver;
  /** `raw` needs CAP_NET_RAW, `udp` no privilege. */
  readonly #greTransport: GreTransport;
  readonly #sockets = new Map<string, HostSocket>();
  readonly #timed = new Set<Timed>();
  readonly #unsubscribe: () => void;
  readonly #timer = new DeadlineTimer(() => this.poke());
  /** Datagrams from an address or port that no actor listens at, or to an address that IPv4 sockets do not reach. */
  unroutable = 0;

  constructor(driver: SocketDriver, greTransport: GreTransport) {
    this.#driver = driver;
    this.#greTransport = greTransport;
    this.#unsubscribe = driver.onTurnEnd(() => this.#serveDeadlines());
  }

  /** @throws SocketError if one of the actor's sockets cannot be opened */
  async add(actor: Actor): Promise<void> {
    const { address, listens } = actor;
    if (!isIpv4(address)) throw new RangeError(`${actor.name} needs an IPv4 address`);
    for (const { protocol, port } of listens) {
      const gre = this.#greTransport === 'raw' ? 'gre-over-ip' : 'gre-over-udp';
      const spec = protocol === 'gre' ? ({ transport: gre, address } as const) : udpSpec(address, port);
      const socket = await this.#driver.open(spec, (source, sourcePort, bytes, at) => {
        actor.receive({ protocol, source, sourcePort, destination: address, destinationPort: port, bytes }, at);
      });
      this.#sockets.set(`${protocol}/${address}/${port}`, socket);
    }
    this.runs(actor);
  }

  /** Has something without sockets, such as a UE, called when its deadline comes. */
  runs(timed: Timed): void {
    this.#timed.add(timed);
    this.poke();
  }

  send({ protocol, source, sourcePort, destination, destinationPort, bytes }: Datagram): void {
    const socket = this.#sockets.get(`${protocol}/${source}/${sourcePort}`);
    if (socket === undefined || !isIpv4(destination)) this.unroutable += 1;
    else socket.send(destination, destinationPort, bytes);
  }

  /** To be called after an actor was told something from outside: serves deadlines and sends what is queued. */
  poke(): void {
    this.#serveDeadlines();
    this.#driver.flush();
  }

  /** Closes the sockets of all actors; the driver stays open for others. */
  stop(): void {
    this.#unsubscribe();
    this.#timer.disarm();
    this.#timed.clear();
    for (const socket of this.#sockets.values()) socket.close();
    this.#sockets.clear();
  }

  #serveDeadlines(): void {
    const at = now();
    let next = never;
    for (const timed of this.#timed) {
      if (timed.nextDeadline() <= at) timed.advance(at);
      next = Math.min(next, timed.nextDeadline());
    }
    this.#timer.arm(next, at);
  }
}

function udpSpec(address: HostSocket['spec']['address'], port: number) {
  return { transport: 'udp', address, port } as const;
}
