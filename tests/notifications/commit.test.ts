import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loopbackGateway } from '../operations/gateway-yaml.ts';

const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));

/** Somebody who is told: a UDP port that keeps what came. */
class UdpReceiver {
  readonly told: string[] = [];
  readonly #socket: Socket = createSocket('udp4');

  async open(): Promise<this> {
    this.#socket.on('message', (bytes) => this.told.push(bytes.toString('latin1')));
    this.#socket.bind(0, '127.0.0.1');
    await once(this.#socket, 'listening');
    return this;
  }

  get port(): number {
    return this.#socket.address().port;
  }

  close(): void {
    this.#socket.close();
  }
}

/** The same by HTTP. */
class HookReceiver {
  readonly told: string[] = [];
  readonly #server: Server = createServer((request, response) => {
    let body = '';
    request.on('data', (part: Buffer) => (body += part.toString()));
    request.on('end', () => {
      this.told.push(body);
      response.end();
    });
  });

  async open(): Promise<this> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return this;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

describe('notifications and thresholds of a gateway that runs', () => {
  const gateway = loopbackGateway('127.9.24');
  const receivers: { close(): void }[] = [];
  let child: ChildProcess;

  beforeAll(async () => {
    child = spawn(process.execPath, [main, 'run', '--config', gateway.configFile], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    for await (const chunk of child.stdout!) if (String(chunk).includes('ready')) break;
  });
  afterAll(() => {
    child.kill('SIGKILL');
    for (const receiver of receivers) receiver.close();
    gateway.remove();
  });

  const samog = (...args: readonly string[]): string =>
    execFileSync(process.execPath, [main, ...args], {
      encoding: 'utf8',
      env: { ...process.env, SAMOG_SOCKET: gateway.socketPath },
    });

  /** Puts the gateway's configuration and these sections in force; nothing of it waits for a restart. */
  function commit(sections: string): void {
    const file = join(gateway.folder, 'next.yaml');
    writeFileSync(file, `${gateway.yaml}${sections}`);
    samog('configure', 'load', file);
    expect(samog('configure', 'commit')).not.toMatch(/restart/);
  }

  async function opened<Receiver extends { open(): Promise<Receiver>; close(): void }>(
    one: Receiver,
  ): Promise<Receiver> {
    receivers.push(one);
    return one.open();
  }

  async function until(what: string, told: readonly string[], pattern: RegExp): Promise<void> {
    for (let turn = 0; turn < 1500 && !told.some((text) => pattern.test(text)); turn += 1) await sleep(20);
    if (!told.some((text) => pattern.test(text)))
      throw new Error(`${what} was not told of ${pattern}: ${told.join('\n')}`);
  }

  const limit = `thresholds: [{ name: nobody, metric: 'samog_sessions{access="pmip"}', below: 1, for: 0s }]\n`;
  const syslogTo = (port: number) => `  syslog: [{ name: logs, address: 127.0.0.1, port: ${port}, events: info }]\n`;

  it('are changed by commits: receivers of each kind are told, and an alarm comes and goes with its limit', async () => {
    const [logs, nms] = [await opened(new UdpReceiver()), await opened(new UdpReceiver())];
    const hook = await opened(new HookReceiver());
    const others =
      `  webhooks: [{ name: hook, url: "http://127.0.0.1:${hook.port}/", events: info }]\n` +
      `  snmp: [{ name: nms, address: 127.0.0.1, port: ${nms.port}, community: public, events: info }]\n`;
    expect(samog('show', 'notifications')).not.toContain('logs');

    commit(`${limit}notifications:\n${syslogTo(logs.port)}${others}`);
    for (const [what, { told }] of Object.entries({ logs, hook, nms })) {
      await until(what, told, /threshold-crossed/);
      await until(what, told, /configuration-committed/);
    }
    expect(samog('show', 'alarms')).toContain('threshold-crossed');

    const before = logs.told.length;
    const moved = await opened(new UdpReceiver());
    commit(`notifications:\n${syslogTo(moved.port)}${others}`);
    for (const [what, { told }] of Object.entries({ moved, hook })) await until(what, told, /cleared/);
    const ofAlarm = (): readonly string[] => nms.told.filter((text) => text.includes('threshold-crossed'));
    for (let turn = 0; turn < 1500 && ofAlarm().length < 2; turn += 1) await sleep(20);
    expect(ofAlarm()).toHaveLength(2);
    expect(samog('show', 'alarms')).not.toContain('threshold-crossed');
    expect(logs.told).toHaveLength(before);
    // One that stays as it was is told nothing twice.
    expect(hook.told.filter((text) => /"change":"raised".*threshold-crossed/.test(text))).toHaveLength(1);

    commit(limit);
    const [hooked, trapped] = [hook.told.length, nms.told.length];
    for (let turn = 0; turn < 20 && !samog('show', 'alarms').includes('threshold-crossed'); turn += 1) await sleep(100);
    expect(samog('show', 'alarms')).toContain('threshold-crossed');
    expect(samog('show', 'notifications')).not.toMatch(/logs|hook|nms/);
    expect([hook.told.length, nms.told.length]).toEqual([hooked, trapped]);
  }, 180_000);

  it('of an alarm that stands a receiver that is new is told', async () => {
    const logs = await opened(new UdpReceiver());
    commit(`${limit}notifications:\n${syslogTo(logs.port)}`);
    await until('logs', logs.told, /alarm-raised.*threshold-crossed/);
    expect(child.exitCode).toBeNull();
  }, 60_000);
});
