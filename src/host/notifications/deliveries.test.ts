import { createHmac } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer as createHttpServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { afterAll, describe, expect, it } from 'vitest';
import { requireTool } from '../../../tests/support/require-tool.ts';
import { makeCertificates } from '../../lab/certificates.ts';
import type { SyslogSinkConfig, WebhookConfig } from '../../operations/config/notifications-config.ts';
import type { Notification } from '../../operations/notifications/notification.ts';
import { StreamSyslog, syslogOf, UdpSyslog } from './syslog-delivery.ts';
import { WebhookDelivery } from './webhook-delivery.ts';

const folder = mkdtempSync(join(tmpdir(), 'samog-test-'));
const closers: (() => void)[] = [];
afterAll(() => {
  for (const close of closers) close();
  rmSync(folder, { recursive: true, force: true });
});

const common = { time: '2026-03-01T11:00:00.000Z', chassis: 'gw-a' } as const;
const raised: Notification = {
  ...common,
  ...{ kind: 'alarm', change: 'raised', number: 7, alarm: 'lma-down', severity: 'critical', about: '203.0.113.100' },
  ...{ meaning: 'the LMA has missed its heartbeats', seeAlso: 'show cgw-service', runbook: 'docs/x.md#lma-down' },
  ...{ touches: { sessions: 4, what: 'sessions that it anchors' }, raised: common.time, acknowledged: null },
};
const happened: Notification = {
  ...common,
  ...{ kind: 'event', name: 'session-ended', severity: 'info', mac: '02:00:5e:11:22:33', peer: null, party: 'samog' },
  text: 'session ended: operator',
};

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8');

describe('a notification by syslog', () => {
  it('has its severity, its name and its fields', () => {
    expect(text(syslogOf(raised, 'local4'))).toMatch(
      /^<162>1 2026-03-01T11:00:00\.000Z \S+ samog \d+ alarm-raised \[samog@32473 chassis="gw-a" alarm="lma-down" number="7" change="raised" severity="critical" about="203\.0\.113\.100"\] alarm raised: lma-down 203\.0\.113\.100: the LMA has missed its heartbeats$/,
    );
    expect(text(syslogOf(happened, 'local0'))).toMatch(
      /^<134>1 \S+ \S+ samog \d+ session-ended \[samog@32473 chassis="gw-a" event="session-ended" mac="02:00:5e:11:22:33" party="samog"\] session ended: operator$/,
    );
    expect(text(syslogOf({ ...raised, change: 'cleared' }, 'local0'))).toMatch(/^<133>/);
  });
});

function syslogTo(port: number, changes: Partial<SyslogSinkConfig> = {}): SyslogSinkConfig {
  const usual = { name: 'logs', address: '127.0.0.1', transport: 'udp', facility: 'local0', events: 'info' } as const;
  return { ...usual, tls: undefined, port, ...changes };
}

/** A server that takes messages counted in octets, and the messages that it has. */
async function counting(server: Server): Promise<{ port: number; messages: string[]; hangUp: () => void }> {
  const messages: string[] = [];
  let hangUp = (): void => {};
  const serve = (socket: import('node:net').Socket): void => {
    let rest = Buffer.alloc(0);
    hangUp = () => socket.destroy();
    socket.on('error', () => {});
    socket.on('data', (part) => {
      rest = Buffer.concat([rest, part as Buffer]);
      for (;;) {
        const space = rest.indexOf(0x20);
        const length = Number(rest.subarray(0, Math.max(space, 0)).toString());
        if (space < 1 || rest.length < space + 1 + length) return;
        messages.push(rest.subarray(space + 1, space + 1 + length).toString());
        rest = rest.subarray(space + 1 + length);
      }
    });
  };
  server.on(server.constructor === createServer().constructor ? 'connection' : 'secureConnection', serve);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => server.close());
  return { port: (server.address() as AddressInfo).port, messages, hangUp: () => hangUp() };
}

async function has(messages: readonly unknown[], count: number): Promise<void> {
  for (let turn = 0; turn < 2000 && messages.length < count; turn += 1) {
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  expect(messages.length).toBe(count);
}

describe('syslog', () => {
  it('by UDP is a message a datagram', async () => {
    const receiver = createSocket('udp4');
    const messages: string[] = [];
    receiver.on('message', (bytes) => messages.push(bytes.toString()));
    await new Promise<void>((resolve) => receiver.bind(0, '127.0.0.1', resolve));
    closers.push(() => receiver.close());
    const delivery = new UdpSyslog(syslogTo(receiver.address().port));
    await delivery.deliver(raised);
    await has(messages, 1);
    expect(messages[0]).toMatch(/^<130>1 .* alarm raised: lma-down/);
    delivery.close();
  });

  it('by TCP is counted in octets, over one connection that is made anew', async () => {
    const receiver = await counting(createServer());
    const delivery = new StreamSyslog(syslogTo(receiver.port, { transport: 'tcp' }));
    for (const one of [raised, { ...happened, text: 'Ümläut\nand a line' }, raised]) await delivery.deliver(one);
    await has(receiver.messages, 3);
    expect(receiver.messages[1]).toContain('] Ümläut and a line');
    receiver.hangUp();
    // What goes into a connection that is gone is lost, or refused; the next one is told by a new one.
    for (let attempt = 0; attempt < 50 && receiver.messages.length < 4; attempt += 1) {
      await delivery.deliver(raised).catch(() => {});
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    expect(receiver.messages.length).toBeGreaterThanOrEqual(4);
    delivery.close();
  });

  it('by TCP says why it is not told', async () => {
    const gone = await counting(createServer());
    closers.pop()!();
    const delivery = new StreamSyslog(syslogTo(gone.port, { transport: 'tcp' }));
    await expect(delivery.deliver(raised)).rejects.toThrow('ECONNREFUSED');
  });

  it.skipIf(!requireTool('openssl'))('by TLS goes to nobody whose certificate is not for it', async () => {
    const files = makeCertificates(folder, '127.0.0.1', ['logs']);
    const key = readFileSync(files.key('logs'));
    const server = createTlsServer({ cert: readFileSync(files.certificate('logs')), key });
    server.on('tlsClientError', () => {});
    const receiver = await counting(server as unknown as Server);
    const tls = { ca: files.ca, name: undefined, certificate: undefined, key: undefined };
    const delivery = new StreamSyslog(syslogTo(receiver.port, { transport: 'tls', tls }));
    await delivery.deliver(raised);
    await has(receiver.messages, 1);
    delivery.close();
    const wrong = { ...tls, name: 'another.example.net' };
    const stranger = new StreamSyslog(syslogTo(receiver.port, { transport: 'tls', tls: wrong }));
    await expect(stranger.deliver(raised)).rejects.toThrow('altnames');
    const unsigned = new StreamSyslog(syslogTo(receiver.port, { transport: 'tls' }));
    await expect(unsigned.deliver(raised)).rejects.toThrow('certificate');
  });
});

interface Posted {
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** A web server that answers with one status after the other, and what it was sent. */
async function answering(...statuses: readonly (number | 'never')[]): Promise<{ url: string; posted: Posted[] }> {
  const posted: Posted[] = [];
  const server = createHttpServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const status = statuses[Math.min(posted.length, statuses.length - 1)]!;
      posted.push({ headers: request.headers, body: Buffer.concat(parts).toString() });
      if (status === 'never') return;
      response.statusCode = status;
      response.end('said');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, posted };
}

const hookTo = (url: string, changes: Partial<WebhookConfig> = {}): WebhookConfig => ({
  ...{ name: 'hook', url, secret: 'something that nobody guesses', ca: undefined, timeoutMs: 1000, events: 'none' },
  ...changes,
});

describe('a webhook', () => {
  it('is sent JSON that is signed, with a number that a repetition keeps', async () => {
    const { url, posted } = await answering(500, 204, 200);
    const delivery = new WebhookDelivery(hookTo(url), 'life');
    await expect(delivery.deliver(raised)).rejects.toThrow('it answered 500');
    await delivery.deliver(raised);
    await delivery.deliver(happened);
    expect(posted.map(({ body }) => JSON.parse(body) as unknown)).toEqual([raised, raised, happened]);
    expect(posted.map(({ headers }) => headers['x-samog-delivery'])).toEqual(['life-1', 'life-1', 'life-2']);
    for (const { headers, body } of posted) {
      const [, second, signature] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(headers['x-samog-signature']))!;
      const expected = createHmac('sha256', 'something that nobody guesses').update(`${second}.${body}`).digest('hex');
      expect(signature).toBe(expected);
      expect(headers['content-type']).toBe('application/json');
    }
    delivery.close();
  });

  it('without a secret is not signed', async () => {
    const { url, posted } = await answering(200);
    const delivery = new WebhookDelivery(hookTo(url, { secret: undefined }), 'life');
    await delivery.deliver(raised);
    expect(posted[0]!.headers['x-samog-signature']).toBeUndefined();
    delivery.close();
  });

  it.each([
    ['that never answers', 'never', 'no answer within'],
    ['that sends elsewhere', 302, 'it answered 302'],
  ] as const)('%s is not told', async (_name, status, why) => {
    const { url } = await answering(status);
    const delivery = new WebhookDelivery(hookTo(url), 'life');
    await expect(delivery.deliver(raised)).rejects.toThrow(why);
    delivery.close();
  });
});
