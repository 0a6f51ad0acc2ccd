import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { passwordHash } from '../../src/host/access/credentials.ts';
import { HistorySampler } from '../../src/host/history-sampler.ts';
import { ManagementAccess } from '../../src/host/management/access.ts';
import type { Managed } from '../../src/host/management/answers.ts';
import { type ManagementListener, startManagementListener } from '../../src/host/management/tcp-server.ts';
import { makeCertificates } from '../../src/lab/certificates.ts';
import type { Role } from '../../src/operations/access/role.ts';
import { usersText } from '../../src/operations/access/users-file.ts';
import type { ViewSource } from '../../src/operations/views/view.ts';

export const password = 'correct horse battery staple';

/** What gateways need to serve the console on this host: a certificate, and users. */
export class ConsoleWorld {
  readonly folder = mkdtempSync(join(tmpdir(), 'samog-console-'));
  readonly #listeners = new Set<ManagementListener>();
  readonly #samplers: HistorySampler[] = [];

  static async make(users: Readonly<Record<string, readonly Role[]>>): Promise<ConsoleWorld> {
    const world = new ConsoleWorld();
    makeCertificates(world.folder, '127.0.0.1', ['gateway']);
    const hash = await passwordHash(password);
    const listed = Object.entries(users).map(([name, roles]) => ({ name, roles, password: hash }));
    writeFileSync(join(world.folder, 'users.json'), usersText(listed), { mode: 0o600 });
    return world;
  }

  /** Serves a gateway's API and console on the loopback interface. */
  async serve(managed: Managed, port = 0): Promise<ManagementListener> {
    const access = new ManagementAccess(managed.source.audit, join(this.folder, 'users.json'));
    const file = (name: string) => join(this.folder, name);
    const config = { address: '127.0.0.1', port, certificate: file('gateway.pem'), key: file('gateway.key') };
    const source = differing(managed.source, { management: access });
    const listener = await startManagementListener(config, differing(managed, { source }), { access });
    this.#listeners.add(listener);
    return listener;
  }

  /** Remembers how a source is, more often than a gateway does. */
  remember(source: ViewSource, intervalMs: number): void {
    if (source.history !== undefined) this.#samplers.push(new HistorySampler(source.history, source, intervalMs));
  }

  async stop(listener: ManagementListener): Promise<void> {
    this.#listeners.delete(listener);
    await listener.stop();
  }

  async end(): Promise<void> {
    for (const sampler of this.#samplers) sampler.stop();
    for (const listener of this.#listeners) await listener.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** An object but for some of its parts. */
function differing<Of extends object>(of: Of, parts: Partial<Of>): Of {
  return new Proxy(of, {
    get(all, name) {
      if (Object.hasOwn(parts, name)) return Reflect.get(parts, name);
      const value: unknown = Reflect.get(all, name, all);
      return typeof value === 'function' ? value.bind(all) : value;
    },
  });
}

export function urlOf({ port }: ManagementListener): string {
  return `https://127.0.0.1:${port}`;
}
