import { readFileSync, writeFileSync } from 'node:fs';
import { type RequestOptions, request } from 'node:https';
import { join } from 'node:path';
import { newToken, passwordHash, tokenHash } from '../../host/access/credentials.ts';
import { requestHeader } from '../../host/management/tcp-door.ts';
import { usersText } from '../../operations/access/users-file.ts';
import { makeCertificates } from '../certificates.ts';

/** The files with which a gateway serves its API to the network. */
export interface NetworkFiles {
  readonly certificate: string;
  readonly key: string;
  readonly users: string;
}

const name = 'operator';
const password = 'of a bench, and of nothing else';

/** An operator at the other end of a network: each request in a TLS connection of its own, as the first of a browser is. */
export class NetworkOperator {
  readonly files: NetworkFiles;
  readonly #token: string;
  readonly #ca: string;

  private constructor(files: NetworkFiles, token: string, ca: string) {
    this.files = files;
    this.#token = token;
    this.#ca = ca;
  }

  /** Leaves certificate, key and users in a folder. */
  static async in(folder: string): Promise<NetworkOperator> {
    const { ca, certificate, key } = makeCertificates(folder, '127.0.0.1', ['gateway']);
    const users = join(folder, 'users.json');
    const token = newToken();
    const user = { name, roles: ['view'], token: tokenHash(token), password: await passwordHash(password) } as const;
    writeFileSync(users, usersText([user]), { mode: 0o600 });
    const files = { certificate: certificate('gateway'), key: key('gateway'), users };
    return new NetworkOperator(files, token, readFileSync(ca, 'utf8'));
  }

  /** Asks for a path with the token; the status of the answer, when all of it has come. */
  get(port: number, path: string): Promise<number> {
    return this.#ask({ port, path, headers: { authorization: `Bearer ${this.#token}`, 'accept-encoding': 'gzip' } });
  }

  /** Logs in by name and password, as the console does; the status of the answer. */
  logIn(port: number): Promise<number> {
    const headers = { 'content-type': 'application/json', [requestHeader]: '1' };
    return this.#ask({ port, path: '/v1/session', method: 'POST', headers }, JSON.stringify({ name, password }));
  }

  #ask(options: RequestOptions, body?: string): Promise<number> {
    return new Promise((resolve, reject) => {
      const asked = request({ ...options, host: '127.0.0.1', ca: this.#ca, agent: false }, (response) => {
        response.on('error', reject);
        response.on('end', () => resolve(response.statusCode ?? 0));
        response.resume();
      });
      asked.on('error', reject);
      asked.end(body);
    });
  }
}
