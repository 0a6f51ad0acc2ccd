import { type IpAddress, isIpv4 } from '../kernel/address.ts';
import type { Instant } from '../kernel/instant.ts';
import type { PacketInput, PacketOutput, PortName, Timed } from '../kernel/port.ts';
import { now } from './clock.ts';
import { DeadlineTimer } from './deadline-timer.ts';
import type { ExpectedClients } from './flood-guard.ts';
import { PortShield, type ShieldNews } from './port-shield.ts';
import { LateSockets } from './sockets/late-sockets.ts';
import type { HostSocket, SocketDriver, SocketError, SocketSpec, SocketStatistics } from './sockets/socket-driver.ts';
import { type StallStatistics, StallWatch } from './stall-watch.ts';

/** One of the core's doors, and the socket behind it. */
export interface PortBinding {
  readonly port: PortName;
  /** Counted from 0 within the port. */
  readonly channel: number;
  readonly spec: SocketSpec;
  /** Who is expected there; absent where everybody is, and no flood is looked for. */
  readonly expected?: ExpectedClients;
  /** Other runtimes of this process send by the same socket. */
  readonly isShared?: boolean;
}

/** What a runtime drives. */
export type RunningCore = PacketInput &
  Timed & {
    /** Whatever came in this turn has been delivered; what was sent has not left yet. */
    turnEnds?(): void;
  };

/** What the core was doing when it threw: `packet` with a copy of the bytes, `deadline`, or taking a word of the peer's. */
export type FaultSource =
  | { readonly kind: 'packet'; readonly port: PortName; readonly peer: IpAddress; readonly bytes: Uint8Array }
  | { readonly kind: 'deadline' | 'link' };

export type OnFault = (error: unknown, source: FaultSource) => void;

/** Which of its floating sockets cannot be had at present: told at the start, if any, and whenever that changes. */
export type OnMissing = (missing: readonly SocketError[]) => void;

export type OnShield = (port: PortName, news: ShieldNews) => void;

export interface RuntimeStatistics {
  readonly sockets: readonly (SocketStatistics & {
    readonly port: PortName;
    readonly channel: number;
    /** Others send by it as well. */
    readonly isShared?: boolean;
  })[];
  /** Throws of the core that were contained here. */
  readonly faults: number;
  /** Packets sent to a port that has no socket, or to an address family its socket does not speak. */
  readonly sendsUnroutable: number;
  readonly stall: StallStatistics;
}

/** After `advance` has thrown its deadline is still due: without a pause it would be called for ever. */
const faultPauseMs = 1000;

/**
 * Runs a sans-I/O core on real sockets and a real clock: delivers packets, calls `advance` when a deadline is due, and
 * contains what the core throws. One timer serves all deadlines.
 */
export class Runtime {
  /** For the core to send with; usable before `start`, when packets count as unroutable. */
  readonly output: PacketOutput;
  readonly #driver: SocketDriver;
  readonly #bindings: PortBinding[];
  readonly #onFault: OnFault;
  readonly #settle: (() => void) | undefined;
  readonly #sockets = new Map<PortName, HostSocket[]>();
  readonly #stall = new StallWatch();
  readonly #late: LateSockets<PortBinding> | undefined;
  /** By port and channel. */
  readonly #shields = new Map<string, PortShield>();
  readonly #onShield: OnShield | undefined;
  #core: RunningCore | undefined;
  #unsubscribe: (() => void) | undefined;
  readonly #timer = new DeadlineTimer(() => this.poke());
  #pausedUntil: Instant = 0;
  #faults = 0;
  #sendsUnroutable = 0;

  /**
   * @param settle called at the end of each turn, when the core has done its work and before anything of it leaves
   * @param onShield called when a port is flooded and the kernel has been told whom to refuse there, and when that is over
   * @param onMissing with it a socket of a floating address that cannot be had at the start is tried again
   */
  constructor(
    driver: SocketDriver,
    bindings: readonly PortBinding[],
    onFault: OnFault,
    settle?: () => void,
    onShield?: OnShield,
    onMissing?: OnMissing,
  ) {
    this.#driver = driver;
    this.#bindings = [...bindings];
    this.#onFault = onFault;
    this.#settle = settle;
    this.#onShield = onShield;
    if (onMissing !== undefined) {
      this.#late = new LateSockets(
        (binding) => this.#open(binding, this.#core!),
        (missing) => onMissing(missing.map(({ error }) => error)),
      );
    }
    this.output = {
      send: (port, channel, peer, peerPort, bytes) => {
        const socket = this.#sockets.get(port)?.[channel];
        if (socket === undefined || !isIpv4(peer)) this.#sendsUnroutable += 1;
        else socket.send(peer, peerPort, bytes);
      },
    };
  }

  /**
   * Opens all sockets and runs `core` until `stop`.
   *
   * @throws SocketError if one cannot be opened, and is not to be tried again; then none stays open
   */
  async start(core: RunningCore): Promise<void> {
    this.#core = core;
    try {
      for (const binding of this.#bindings) await this.#openOrWait(binding, core);
    } catch (error) {
      await this.stop();
      throw error;
    }
    this.run(core);
    this.#late?.start();
  }

  /** Opens one more socket of those whose descriptors are here already; before `start` it is opened with the others. */
  async add(binding: PortBinding): Promise<void> {
    this.#bindings.push(binding);
    if (this.#unsubscribe !== undefined && this.#core !== undefined) await this.#open(binding, this.#core);
  }

  /** Runs `core` before it has any socket: what it sends meanwhile counts as unroutable. `start` follows. */
  run(core: RunningCore): void {
    if (this.#unsubscribe !== undefined) return;
    this.#core = core;
    this.#unsubscribe = this.#driver.onTurnEnd(() => this.#endTurn());
    this.#stall.start();
    this.poke();
  }

  /** To be called after the core has been changed from outside (configuration, a clear command): flushes and re-arms. */
  poke(): void {
    this.#endTurn();
    this.#driver.flush();
  }

  /** Sends what is queued and closes the sockets; the core is not called again. The driver stays open for others. */
  async stop(): Promise<void> {
    this.#core = undefined;
    this.#late?.stop();
    this.#unsubscribe?.();
    this.#timer.disarm();
    this.#stall.stop();
    for (const shield of this.#shields.values()) shield.close();
    for (const sockets of this.#sockets.values()) for (const socket of sockets) socket?.close();
  }

  /** Other clients are expected at the ports from now on; sockets stay as they are. */
  expect(bindings: readonly PortBinding[]): void {
    for (const { port, channel, expected } of bindings) {
      if (expected !== undefined) this.#shields.get(`${port} ${channel}`)?.expect(expected);
    }
  }

  statistics(): RuntimeStatistics {
    return {
      sockets: this.#bindings.flatMap(({ port, channel, isShared }) => {
        const socket = this.#sockets.get(port)?.[channel];
        if (socket === undefined) return [];
        return [{ port, channel, ...socket.statistics(), ...(isShared === true ? { isShared } : {}) }];
      }),
      faults: this.#faults,
      sendsUnroutable: this.#sendsUnroutable,
      stall: this.#stall.statistics(),
    };
  }

  async #openOrWait(binding: PortBinding, core: PacketInput): Promise<void> {
    try {
      await this.#open(binding, core);
    } catch (error) {
      if (this.#late === undefined || binding.spec.floating !== true) throw error;
      this.#late.missed(binding, error);
    }
  }

  async #open(binding: PortBinding, core: PacketInput): Promise<void> {
    const { port, channel, expected } = binding;
    const shield = expected && new PortShield(expected, (news) => this.#onShield?.(port, news));
    const socket = await this.#driver.open(binding.spec, (peer, peerPort, bytes, at) => {
      shield?.saw(peer, at);
      try {
        core.receive(port, channel, peer, peerPort, bytes, at);
      } catch (error) {
        this.#fault(error, { kind: 'packet', port, peer, bytes: Uint8Array.from(bytes) });
      }
    });
    if (shield !== undefined) {
      shield.socket = socket;
      this.#shields.set(`${port} ${channel}`, shield);
    }
    const channels = this.#sockets.get(port) ?? [];
    channels[channel] = socket;
    this.#sockets.set(port, channels);
  }

  #endTurn(): void {
    this.#serveDeadlines();
    this.#core?.turnEnds?.();
  }

  /** Lets the core do what is due, then arms the timer for what comes next. */
  #serveDeadlines(): void {
    const core = this.#core;
    if (core === undefined) return;
    const at = now();
    try {
      if (core.nextDeadline() <= at && this.#pausedUntil <= at) core.advance(at);
      this.#timer.arm(Math.max(core.nextDeadline(), this.#pausedUntil), at);
    } catch (error) {
      this.#pausedUntil = at + faultPauseMs;
      this.#fault(error, { kind: 'deadline' });
      this.#timer.arm(this.#pausedUntil, at);
    }
    this.#settle?.();
  }

  /** Notes what the core threw while others than this runtime spoke to it. */
  fault(error: unknown): void {
    this.#fault(error, { kind: 'link' });
  }

  #fault(error: unknown, source: FaultSource): void {
    this.#faults += 1;
    this.#onFault(error, source);
  }
}
