import { readFileSync, statSync } from 'node:fs';
import type { Command } from 'commander';
import { type ManagementAnswer, ManagementClient } from '../host/management/client.ts';
import { socketPathToAsk } from '../host/management/socket-path.ts';
import type { ApiInput, ApiOperation } from '../operations/api/operation.ts';
import type { Refusal } from '../operations/views/view.ts';
import { CommandError, exitCode } from './exit-code.ts';

/** Which gateway an operator means, and what shows who they are. */
export interface GatewayOptions {
  readonly socket?: string;
  readonly remote?: string;
  readonly tokenFile?: string;
  readonly ca?: string;
}

/** Lets a command take them. */
export function addGatewayOptions(command: Command): Command {
  return command
    .option('--socket <path>', 'management socket of the gateway (default: $SAMOG_SOCKET, else the usual one)')
    .option('--remote <url>', 'a gateway on the network instead, https://HOST:PORT (default: $SAMOG_REMOTE)')
    .option('--token-file <file>', 'the token of a user, in a file of yours alone (default: $SAMOG_TOKEN_FILE)')
    .option('--ca <file>', 'whom to trust for its certificate, in PEM (default: $SAMOG_CA, else the public CAs)');
}

/** Those that were given. */
export function gatewayOptionsOf(options: Readonly<Record<string, unknown>>): GatewayOptions {
  const names = ['socket', 'remote', 'tokenFile', 'ca'] as const;
  return Object.fromEntries(
    names.flatMap((name) => (typeof options[name] === 'string' ? [[name, options[name]]] : [])),
  );
}

const codes: Readonly<Record<string, number>> = {
  'bad-argument': exitCode.usage,
  'unknown-view': exitCode.usage,
  'not-found': exitCode.notFound,
};

/** A refusal as a command ends with it. */
export function refusedCommand({ code, what, hint }: Refusal): CommandError {
  return new CommandError(codes[code] ?? exitCode.refused, what, hint);
}

/**
 * A client of the gateway that an operator means: what is given goes before the environment, and a socket before the network.
 *
 * @throws CommandError if a file that it needs cannot be used
 */
export function clientOf(options: GatewayOptions, timeoutMs?: number): ManagementClient {
  const tokenFile = options.tokenFile ?? fromEnvironment('SAMOG_TOKEN_FILE');
  const token = tokenFile === undefined ? undefined : tokenOf(tokenFile);
  const remote =
    options.remote ?? (fromEnvironment('SAMOG_SOCKET') === undefined ? fromEnvironment('SAMOG_REMOTE') : undefined);
  if (options.socket !== undefined || remote === undefined) {
    return new ManagementClient({ socketPath: socketPathToAsk(options.socket), token }, timeoutMs);
  }
  const ca = options.ca ?? fromEnvironment('SAMOG_CA');
  const url = URL.parse(remote);
  if (url?.protocol !== 'https:') {
    throw new CommandError(exitCode.usage, `"${remote}" is no https:// address`, 'write https://HOST:PORT');
  }
  return new ManagementClient({ url, token, ca: ca === undefined ? undefined : textOf(ca) }, timeoutMs);
}

function fromEnvironment(name: string): string | undefined {
  return process.env[name] || undefined;
}

/** A token that others can read is no secret. */
function tokenOf(file: string): string {
  const text = textOf(file).trim();
  if ((statSync(file).mode & 0o077) !== 0) {
    throw new CommandError(exitCode.refused, `others may read the token in ${file}`, `chmod 600 ${file}`);
  }
  return text;
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new CommandError(exitCode.refused, `cannot read ${file}: ${code}`, 'name a file that you may read');
  }
}

/**
 * Asks the gateway.
 *
 * @param timeoutMs the client's own if left out
 * @throws CommandError with the exit code that tells what became of it
 */
export async function ask(
  options: GatewayOptions,
  operation: ApiOperation,
  input?: ApiInput,
  timeoutMs?: number,
): Promise<unknown> {
  const client = clientOf(options, timeoutMs);
  return dataOf(await client.ask(operation, input), client.where);
}

function dataOf(answer: ManagementAnswer, where: string): unknown {
  switch (answer.kind) {
    case 'data':
      return answer.data;
    case 'refused':
      throw refusedCommand(hasNone(answer.refusal) ? { ...answer.refusal, hint: otherRelease } : answer.refusal);
    case 'timeout':
      throw new CommandError(
        exitCode.timedOut,
        `the gateway at ${where} did not answer within ${answer.afterMs / 1000} s`,
        'it may be overloaded: try again',
      );
    case 'unreachable':
      throw unreachableCommand(answer.reason, where);
  }
}

const otherRelease =
  'the gateway may be of another release, which does not have it: samog show --help of that one tells what it has';

/** What a command of this release asks for is always there, in a gateway of this release. */
function hasNone({ code, what }: Refusal): boolean {
  return code === 'unknown-view' || (code === 'not-found' && what === 'there is nothing here');
}

/** That no gateway answers, and what to do about it. */
export function unreachableCommand(reason: string, where: string): CommandError {
  return new CommandError(exitCode.unreachable, `no gateway answers at ${where}: ${reason}`, hintOf(reason, where));
}

function hintOf(reason: string, where: string): string {
  if (/CERT|SELF_SIGNED|UNABLE_TO|ERR_TLS/.test(reason))
    return 'name the CA of its certificate with --ca, and the host as it stands there';
  if (reason === 'EACCES') return 'only the user that runs the gateway may open its socket: use that user, or root';
  if (where.startsWith('https:')) return 'see whether it runs, with management.tcp at that address and port';
  return 'start one with "samog run", or name its socket with --socket or SAMOG_SOCKET';
}
