import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import type { Certificates } from '../aaa/certificates.ts';

export interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Whoever provisions: a client of the provisioning door, with a certificate or, to be refused, without. */
export class Warrants {
  readonly #port: number;
  readonly #tls: { readonly ca: Buffer; readonly cert?: Buffer; readonly key?: Buffer };

  constructor(port: number, certificates: Certificates, name: string | undefined, signedBy = certificates) {
    this.#port = port;
    const ca = readFileSync(certificates.ca);
    this.#tls =
      name === undefined
        ? { ca }
        : { ca, cert: readFileSync(signedBy.certificate(name)), key: readFileSync(signedBy.key(name)) };
  }

  ask(method: string, path: string, data?: unknown): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const options = { host: '127.0.0.1', port: this.#port, method, path, agent: false, ...this.#tls };
      const asked = request(options, (response) => {
        let text = '';
        response.on('data', (part: Buffer) => {
          text += part.toString('utf8');
        });
        response.on('end', () => resolve({ status: response.statusCode!, body: JSON.parse(text) }));
      });
      asked.on('error', reject);
      asked.end(data === undefined ? undefined : typeof data === 'string' ? data : JSON.stringify(data));
    });
  }
}
