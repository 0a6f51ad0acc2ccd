import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

/** A file of the console, as it is sent. */
interface ConsoleFile {
  readonly type: string;
  readonly plain: Uint8Array<ArrayBuffer>;
  readonly gzipped: Uint8Array<ArrayBuffer>;
  /** Its digest, in quotes (RFC 9110 section 8.8.3). */
  readonly tag: string;
}

/** By the path of their request. What is not here is not served. */
const files: Readonly<Record<string, readonly [name: string, type: string]>> = {
  '/console/': ['index.html', 'text/html; charset=utf-8'],
  '/console/console.js': ['console.js', 'text/javascript; charset=utf-8'],
  '/console/console.css': ['console.css', 'text/css; charset=utf-8'],
  '/console/icon.svg': ['icon.svg', 'image/svg+xml'],
};

/** The paths at which the console's files are served. */
export const consolePaths = Object.keys(files);

/**
 * Nothing from another origin, no script and no style in the page itself, and no page around it. The one place that may be asked
 * besides is the other chassis of the pair: whether it answers.
 */
export function consolePolicy(peerUrl: string | undefined): string {
  const peer = peerUrl && new URL(peerUrl).origin;
  const connect = peer === undefined ? '' : `; connect-src 'self' ${peer}`;
  const form = `form-action ${peer ?? "'none'"}`;
  return `default-src 'self'${connect}; base-uri 'none'; ${form}; frame-ancestors 'none'; object-src 'none'`;
}

const read = new Map<string, Promise<ConsoleFile>>();
/** In a thread of Node.js's own: the script takes longer than packets may wait. */
const compressed = promisify(gzip);

/** Read when it is first asked for, and kept: some 150 kB in all. */
function fileOf(path: string): Promise<ConsoleFile> {
  const known = read.get(path);
  if (known !== undefined) return known;
  const file = readConsoleFile(path);
  read.set(path, file);
  // Who asks next may find it.
  file.catch(() => read.delete(path));
  return file;
}

async function readConsoleFile(path: string): Promise<ConsoleFile> {
  const [name, type] = files[path]!;
  const plain = Uint8Array.from(await readFile(new URL(`../../../dist/console/${name}`, import.meta.url)));
  const tag = `"${createHash('sha256').update(plain).digest('base64url').slice(0, 22)}"`;
  return { type, plain, gzipped: Uint8Array.from(await compressed(plain, { level: 9 })), tag };
}

/**
 * A file of the console. It has nothing of the gateway in it, so everybody may have it; a browser keeps it, and asks each time
 * whether it is still the same.
 *
 * @param path one of `consolePaths`
 * @param peerUrl where the other chassis is, if there is one
 */
export async function consoleResponse(
  path: string,
  header: (name: string) => string | undefined,
  peerUrl: string | undefined,
): Promise<Response> {
  const { type, plain, gzipped, tag } = await fileOf(path);
  const headers = {
    'content-security-policy': consolePolicy(peerUrl),
    'cache-control': 'no-cache',
    etag: tag,
    vary: 'accept-encoding',
  };
  if (header('if-none-match') === tag) return new Response(null, { status: 304, headers });
  const zips = /\bgzip\b/.test(header('accept-encoding') ?? '');
  return new Response(zips ? gzipped : plain, {
    headers: { ...headers, 'content-type': type, ...(zips ? { 'content-encoding': 'gzip' } : {}) },
  });
}
