import {
  createSubagent,
  MaxAccess,
  MibProviderType,
  type MibRequest,
  ObjectType,
  type Provider,
  type Subagent,
} from 'net-snmp';
import type { NotificationsConfig } from '../../operations/config/notifications-config.ts';
import { type Scalar, samogOid, scalars } from '../../operations/snmp/mib.ts';

/** A master that is not there is looked for again. */
const reconnectMs = 5000;
/** A master that does not answer this is gone, whatever its connection says. */
const pingIntervalMs = 15_000;
/** A walk asks for one value after the other: it is answered from one reading. */
const freshMs = 250;
/** A master waits for five seconds; by then it is told what is known. */
const readMs = 2000;

const types: Readonly<Record<Scalar['syntax'], number>> = {
  DisplayString: ObjectType['OctetString'],
  Gauge32: ObjectType['Gauge'],
  Counter64: ObjectType['Counter64'],
};

/** Serves `scalars` to a master agent (RFC 2741): each question is answered from the registry of metrics, as it is at that moment. */
export class AgentxAgent {
  readonly #master: NonNullable<NotificationsConfig['agentx']>;
  readonly #read: () => void;
  #subagent: Subagent | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;
  #values: readonly (string | number)[] = [];
  #readAt = Number.NEGATIVE_INFINITY;
  #asked: (() => void)[] = [];

  /** @param read asks for the values, which come by `answer` */
  constructor(master: NonNullable<NotificationsConfig['agentx']>, read: () => void) {
    this.#master = master;
    this.#read = read;
  }

  start(): void {
    const { address, port } = this.#master;
    const subagent = createSubagent({ master: address, masterPort: port, description: 'samog gateway', timeout: 5 });
    this.#subagent = subagent;
    subagent.on('error', () => {});
    subagent.on('close', () => this.#again());
    subagent.open(() => this.#register(subagent, 0));
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    this.#subagent?.socket.destroy();
  }

  answer(values: readonly (string | number)[]): void {
    this.#values = values;
    this.#readAt = performance.now();
    const asked = this.#asked;
    this.#asked = [];
    for (const done of asked) done();
  }

  /** One after the other: what comes in one go the library takes for one message. */
  #register(subagent: Subagent, index: number): void {
    const scalar = scalars[index];
    if (scalar === undefined) return this.#watch(subagent);
    subagent.registerProvider(this.#providerOf(scalar, index), () => this.#register(subagent, index + 1));
    subagent.getMib().setScalarValue(scalar.name, scalar.syntax === 'DisplayString' ? '' : 0);
  }

  #providerOf({ name, number, syntax }: Scalar, index: number): Provider {
    return {
      ...{ name, type: MibProviderType['Scalar'], oid: `${samogOid}.1.${number}` },
      ...{ scalarType: types[syntax], maxAccess: MaxAccess['read-only'] },
      handler: (request) => this.#serve(request, index),
    };
  }

  #serve(request: MibRequest, index: number): void {
    let isDone = false;
    const done = (): void => {
      if (isDone) return;
      isDone = true;
      clearTimeout(late);
      request.instanceNode.value = this.#values[index] ?? 0;
      request.done();
    };
    const late = setTimeout(done, readMs);
    if (performance.now() - this.#readAt < freshMs) return done();
    this.#asked.push(done);
    if (this.#asked.length === 1) this.#read();
  }

  #watch(subagent: Subagent): void {
    let answered = true;
    const look = (): void => {
      if (!answered) {
        subagent.socket.destroy();
        return;
      }
      answered = false;
      subagent.ping(() => {
        answered = true;
      });
      this.#timer = setTimeout(look, pingIntervalMs);
    };
    look();
  }

  #again(): void {
    clearTimeout(this.#timer);
    if (!this.#isStopped) this.#timer = setTimeout(() => this.start(), reconnectMs);
  }
}
