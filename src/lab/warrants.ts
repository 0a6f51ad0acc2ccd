import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import type { Certificates } from './certificates.ts';

export interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Where the door is; on this host unless said. */
export interface ProvisioningPlace {
  readonly host?: string;
  readonly port: number;
  /** What its certificate is for; its address unless said. */
  readonly serverName?: string;
}

/** Whoever provisions: a client of the provisioning door, with a certificate or, to be refused, without. */
export class Warrants {
  readonly #door: ProvisioningPlace;
  readonly #tls: { readonly ca: Buffer; readonly cert?: Buffer; readonly key?: Buffer };

  constructor(door: ProvisioningPlace, certificates: Certificates, name: string | undefined, signedBy = certificates) {
    this.#door = door;
    const ca = readFileSync(certificates.ca);
    this.#tls =
      name === undefined
        ? { ca }
        : { ca, cert: readFileSync(signedBy.certificate(name)), key: readFileSync(signedBy.key(name)) };
  }

  ask(method: string, path: string, data?: unknown): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const { serverName, ...door } = this.#door;
      const servername = serverName === undefined ? {} : { servername: serverName };
      const options = { host: '127.0.0.1', ...door, ...servername, method, path, agent: false, ...this.#tls };
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
