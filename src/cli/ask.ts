import { type ManagementAnswer, ManagementClient } from '../host/management/client.ts';
import { socketPathToAsk } from '../host/management/socket-path.ts';
import type { ApiInput, ApiOperation } from '../operations/api/operation.ts';
import type { Refusal } from '../operations/views/view.ts';
import { CommandError, exitCode } from './exit-code.ts';

export interface SocketOption {
  readonly socket?: string;
}

export const socketOption = [
  '--socket <path>',
  'management socket of the gateway (default: $SAMOG_SOCKET, else the usual one)',
] as const;

const codes: Readonly<Record<string, number>> = {
  'bad-argument': exitCode.usage,
  'unknown-view': exitCode.usage,
  'not-found': exitCode.notFound,
};

/** A refusal as a command ends with it. */
export function refusedCommand({ code, what, hint }: Refusal): CommandError {
  return new CommandError(codes[code] ?? exitCode.refused, what, hint);
}

/** A client of the gateway that an operator means. */
export function clientOf({ socket }: SocketOption, timeoutMs?: number): ManagementClient {
  return new ManagementClient(socketPathToAsk(socket), timeoutMs);
}

/**
 * Asks the gateway.
 *
 * @throws CommandError with the exit code that tells what became of it
 */
export async function ask(options: SocketOption, operation: ApiOperation, input?: ApiInput): Promise<unknown> {
  const client = clientOf(options);
  return dataOf(await client.ask(operation, input), client.socketPath);
}

function dataOf(answer: ManagementAnswer, socketPath: string): unknown {
  switch (answer.kind) {
    case 'data':
      return answer.data;
    case 'refused':
      throw refusedCommand(answer.refusal);
    case 'timeout':
      throw new CommandError(
        exitCode.timedOut,
        `the gateway at ${socketPath} did not answer within ${answer.afterMs / 1000} s`,
        'it may be overloaded: try again',
      );
    case 'unreachable':
      throw new CommandError(
        exitCode.unreachable,
        `no gateway answers at ${socketPath}: ${answer.reason}`,
        hintOf(answer.reason),
      );
  }
}

function hintOf(reason: string): string {
  if (reason === 'EACCES') return 'only the user that runs the gateway may open its socket: use that user, or root';
  return 'start one with "samog run", or name its socket with --socket or SAMOG_SOCKET';
}
