import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Files in PEM of one folder: a CA, and certificates with keys that it has signed. */
export interface Certificates {
  readonly ca: string;
  certificate(name: string): string;
  key(name: string): string;
}

/** Makes a CA and, for each name, a certificate that holds the address. */
export function makeCertificates(folder: string, address: string, names: readonly string[]): Certificates {
  const at = (name: string) => join(folder, name);
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
  openssl('req', '-x509', ...newKey, '-subj', '/CN=CA of the run', '-keyout', at('ca.key'), '-out', at('ca.pem'));
  writeFileSync(at('names'), `subjectAltName=IP:${address},DNS:aaa.example.net\n`);
  for (const name of names) {
    openssl('req', ...newKey, '-subj', `/CN=${name}`, '-keyout', at(`${name}.key`), '-out', at(`${name}.csr`));
    openssl(
      ...['x509', '-req', '-days', '2', '-in', at(`${name}.csr`), '-extfile', at('names')],
      ...['-CA', at('ca.pem'), '-CAkey', at('ca.key'), '-CAcreateserial', '-out', at(`${name}.pem`)],
    );
  }
  return { ca: at('ca.pem'), certificate: (name) => at(`${name}.pem`), key: (name) => at(`${name}.key`) };
}
