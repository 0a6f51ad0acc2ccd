import { readFileSync } from 'node:fs';
import type { InterceptTls } from '../../operations/config/intercept-config.ts';
import { StartError } from '../start-error.ts';

/** Shorter ones can be guessed. */
const keyOctetsMin = 32;

/** What TLS needs, in PEM. */
export interface TlsMaterial {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** @throws StartError if a file cannot be read */
export function readTls(files: InterceptTls, setting: string): TlsMaterial {
  return {
    ca: read(files.caFile, `${setting}.ca`).toString('utf8'),
    cert: read(files.certificateFile, `${setting}.certificate`).toString('utf8'),
    key: read(files.keyFile, `${setting}.key`).toString('utf8'),
  };
}

/** The key by which all is sealed. @throws StartError if it cannot be read or is too short */
export function readKey(file: string): Uint8Array {
  const key = read(file, 'lawful-intercept.key-file');
  if (key.length >= keyOctetsMin) return key;
  const hint = `write at least ${keyOctetsMin} octets there, such as of head -c 32 /dev/urandom`;
  throw new StartError([{ path: 'lawful-intercept.key-file', what: `${file} has ${key.length} octets`, hint }]);
}

function read(file: string, path: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    const what = `${file} cannot be read: ${(error as Error).message}`;
    throw new StartError([{ path, what, hint: 'name a file that the user of the gateway can read' }]);
  }
}
