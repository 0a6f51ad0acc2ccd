import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Agent as PlainAgent, type RequestOptions, request as requestPlain } from 'node:http';
import { request as requestTls, Agent as TlsAgent } from 'node:https';
import type { WebhookConfig } from '../../operations/config/notifications-config.ts';
import type { Notification } from '../../operations/notifications/notification.ts';
import type { Delivery } from './sink-queue.ts';

/** What a receiver says beyond this is not read. */
const answerOctetsMax = 65_536;

/**
 * The signature of a body: HMAC-SHA-256, keyed by the secret, over the time in seconds, a dot and the body. Whoever checks it
 * refuses what is older than a few minutes, so that nobody can send it again.
 */
export function webhookSignature(secret: string, second: number, body: string): string {
  return `t=${second},v1=${createHmac('sha256', secret).update(`${second}.${body}`).digest('hex')}`;
}

/** Posts each notification as JSON to one URL; what is answered by 2xx is told. */
export class WebhookDelivery implements Delivery {
  readonly #config: WebhookConfig;
  readonly #agent: PlainAgent | TlsAgent;
  /** Of what is under way: a repetition has the same number, so that a receiver can tell. */
  #deliveries = 0;
  #last: Notification | undefined;
  readonly #life: string;

  /** @param life tells the deliveries of this process from those of the one before */
  constructor(config: WebhookConfig, life: string) {
    this.#config = config;
    this.#life = life;
    const isTls = config.url.startsWith('https:');
    this.#agent = isTls
      ? new TlsAgent({ keepAlive: true, maxSockets: 1 })
      : new PlainAgent({ keepAlive: true, maxSockets: 1 });
  }

  deliver(notification: Notification): Promise<void> {
    if (this.#last !== notification) this.#deliveries += 1;
    this.#last = notification;
    const { url, secret, ca, timeoutMs } = this.#config;
    const body = JSON.stringify(notification);
    const headers = {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      'user-agent': 'samog',
      'x-samog-delivery': `${this.#life}-${this.#deliveries}`,
      ...(secret === undefined
        ? {}
        : { 'x-samog-signature': webhookSignature(secret, Math.floor(Date.now() / 1000), body) }),
    };
    const options: RequestOptions = { method: 'POST', agent: this.#agent, headers, timeout: timeoutMs };
    return new Promise((resolve, reject) => {
      const request = url.startsWith('https:')
        ? requestTls(url, { ...options, ...(ca === undefined ? {} : { ca: readFileSync(ca) }) })
        : requestPlain(url, options);
      request.on('error', reject);
      request.on('timeout', () => request.destroy(new Error(`no answer within ${timeoutMs / 1000} s`)));
      request.on('response', (response) => {
        let octets = 0;
        response.on('data', (part: Uint8Array) => {
          octets += part.length;
          if (octets > answerOctetsMax) request.destroy(new Error('the answer is too long'));
        });
        response.on('error', reject);
        response.on('end', () => {
          const { statusCode = 0 } = response;
          if (statusCode >= 200 && statusCode < 300) resolve();
          else reject(new Error(`it answered ${statusCode}`));
        });
      });
      request.end(body);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}
