import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { TLSSocket } from 'node:tls';
import { formatIp } from '../../kernel/address.ts';
import type { AuditEntry, AuditTrail } from '../../operations/audit/audit.ts';
import type { InterceptConfig } from '../../operations/config/intercept-config.ts';
import { readTarget, writeTarget } from '../../services/samog/intercept/read-target.ts';
import type { Target } from '../../services/samog/intercept/target.ts';
import { wallClock } from '../clock.ts';
import { StartError } from '../start-error.ts';
import type { TlsMaterial } from './intercept-files.ts';

const bodyOctetsMax = 16_384;
const connectionsMax = 16;
const requestMs = 10_000;

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** What came of a change: whether the other chassis has it; null without one. */
export interface Provisioned {
  readonly isFollowed: boolean | null;
}

/** What whoever provisions can ask for and change. */
export interface ProvisioningDesk {
  readonly audit: AuditTrail;
  /** False on a chassis of a pair that follows its peer: nothing can be changed there. */
  readonly serves: boolean;
  /** The names of the delivery functions. */
  readonly deliveries: readonly string[];
  targets(): readonly Target[];
  target(xid: string): Target | undefined;
  /** Undefined if there is no room. @throws if it cannot be kept */
  put(target: Target): Promise<Provisioned | undefined>;
  /** Undefined if there is none. @throws if it cannot be kept */
  withdraw(xid: string): Promise<Provisioned | undefined>;
  status(): unknown;
}

/** Somebody with a certificate. */
type Client = Pick<AuditEntry, 'who' | 'via' | 'from'>;

const refuse = (status: number, what: string): Answer => ({ status, body: { error: what } });

/**
 * Where targets are provisioned: HTTPS with JSON, for clients with a certificate of one CA alone. Each request and what came of
 * it stand in the audit of interception; where that cannot be written nothing is done, and nothing is shown.
 *
 *     GET    /v1/status              GET    /v1/targets          GET /v1/targets/XID
 *     PUT    /v1/targets/XID         DELETE /v1/targets/XID
 */
export class ProvisioningDoor {
  readonly #config: InterceptConfig['provisioning'];
  readonly #desk: ProvisioningDesk;
  readonly #server: Server;

  /** @throws StartError if certificate and key do not fit */
  constructor(config: InterceptConfig['provisioning'], tls: TlsMaterial, desk: ProvisioningDesk) {
    this.#config = config;
    this.#desk = desk;
    const options = { ...tls, requestCert: true, rejectUnauthorized: true, minVersion: 'TLSv1.2' } as const;
    try {
      this.#server = createServer({ ...options, requestTimeout: requestMs }, (request, response) => {
        void this.#answer(request, response);
      });
    } catch (error) {
      const what = `certificate and key cannot be used: ${(error as Error).message}`;
      const hint = 'give the key of that certificate, in PEM';
      throw new StartError([{ path: 'lawful-intercept.provisioning', what, hint }]);
    }
    this.#server.maxConnections = connectionsMax;
    // Who has no certificate is no client: there is nobody to note, and nothing to say.
    this.#server.on('tlsClientError', (_, socket) => socket.destroy());
  }

  /** @throws StartError if the address and port are not to be had */
  async listen(): Promise<void> {
    const { address, port } = this.#config;
    try {
      await new Promise<void>((resolve, reject) => {
        this.#server.once('error', reject);
        this.#server.listen(port, formatIp(address), resolve);
      });
    } catch (error) {
      const what = `cannot listen at ${formatIp(address)} port ${port}: ${(error as Error).message}`;
      const hint = 'name an address of this machine and a port that nobody else has';
      throw new StartError([{ path: 'lawful-intercept.provisioning', what, hint }]);
    }
    this.#server.on('error', () => {});
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
    this.#server.closeAllConnections();
    await closed;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { status, body } = await this.#audited(request).catch(() => refuse(500, 'a fault of the gateway'));
    response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
    response.end(`${JSON.stringify(body)}\n`);
  }

  /** No audit, no command: it stands there before it is carried out, and what came of it before that is told. */
  async #audited(request: IncomingMessage): Promise<Answer> {
    const body = await bodyOf(request);
    const data = body === undefined ? undefined : parsed(body);
    const common = { ...clientOf(request), request: `${request.method} ${request.url}` };
    const { audit } = this.#desk;
    let number: number;
    try {
      number = await audit.append({
        kind: 'asked',
        of: null,
        ...common,
        subject: data ?? null,
        result: null,
        what: null,
      });
    } catch {
      return refuse(503, 'the audit cannot be written: nothing is done without it');
    }
    const answer =
      body === undefined ? refuse(413, `more than ${bodyOctetsMax} octets`) : await this.#carriedOut(request, data);
    const isDone = answer.status < 300;
    const result = isDone ? 'done' : String(answer.status);
    const what = isDone ? null : (answer.body as { error: string }).error;
    await audit.append({ kind: 'answered', of: number, ...common, subject: null, result, what });
    return answer;
  }

  async #carriedOut({ method, url }: IncomingMessage, data: unknown): Promise<Answer> {
    const desk = this.#desk;
    if (url === '/v1/status') return method === 'GET' ? { status: 200, body: desk.status() } : refuse(405, 'only GET');
    if (url === '/v1/targets') {
      if (method !== 'GET') return refuse(405, 'only GET: a target is put under its XID');
      return { status: 200, body: { targets: desk.targets().map(writeTarget) } };
    }
    const xid = /^\/v1\/targets\/([^/?]+)$/.exec(url ?? '')?.[1];
    if (xid === undefined) return refuse(404, 'there is /v1/status, /v1/targets and /v1/targets/XID');
    if (method === 'GET') {
      const target = desk.target(xid);
      return target === undefined ? refuse(404, 'there is no such target') : { status: 200, body: writeTarget(target) };
    }
    if (method !== 'PUT' && method !== 'DELETE') return refuse(405, 'only GET, PUT and DELETE');
    if (!desk.serves) return refuse(409, 'this chassis follows the other one: ask there');
    if (method === 'DELETE') return done(await desk.withdraw(xid), refuse(404, 'there is no such target'));
    const read = readTarget(xid, data, desk.deliveries, wallClock());
    if (!read.ok) return refuse(400, read.what);
    return done(await desk.put(read.target), refuse(507, 'there are as many targets as there may be'));
  }
}

function done(outcome: Provisioned | undefined, otherwise: Answer): Answer {
  return outcome === undefined ? otherwise : { status: 200, body: { followed: outcome.isFollowed } };
}

function clientOf(request: IncomingMessage): Client {
  const certificate = (request.socket as TLSSocket).getPeerCertificate();
  const name = [certificate.subject?.CN].flat()[0] ?? 'unnamed';
  return {
    who: `${name} ${certificate.fingerprint256 ?? ''}`.trim(),
    via: 'certificate',
    from: request.socket.remoteAddress ?? null,
  };
}

/** Undefined if it is too long. */
async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const parts: Buffer[] = [];
  let octets = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    octets += part.length;
    if (octets <= bodyOctetsMax) parts.push(part);
  }
  return octets > bodyOctetsMax ? undefined : Buffer.concat(parts).toString('utf8');
}

/** Undefined for what is no JSON, such as nothing. */
function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
