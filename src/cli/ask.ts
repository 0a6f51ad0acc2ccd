import { type ManagementAnswer, ManagementClient } from '../host/management-client.ts';
import { socketPathToAsk } from '../host/management-socket.ts';
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

/**
 * Asks the gateway.
 *
 * @throws CommandError with the exit code that tells what became of it
 */
export async function ask(
  { socket }: SocketOption,
  question: (client: ManagementClient) => Promise<ManagementAnswer>,
): Promise<unknown> {
  const client = new ManagementClient(socketPathToAsk(socket));
  const answer = await question(client);
  switch (answer.kind) {
    case 'data':
      return answer.data;
    case 'refused': {
      const { code, what, hint } = answer.refusal;
      throw new CommandError(codes[code] ?? exitCode.refused, what, hint);
    }
    case 'timeout':
      throw new CommandError(
        exitCode.timedOut,
        `the gateway at ${client.socketPath} did not answer within ${answer.afterMs / 1000} s`,
        'it may be overloaded: try again',
      );
    case 'unreachable':
      throw new CommandError(
        exitCode.unreachable,
        `no gateway answers at ${client.socketPath}: ${answer.reason}`,
        hintOf(answer.reason),
      );
  }
}

function hintOf(reason: string): string {
  if (reason === 'EACCES') return 'only the user that runs the gateway may open its socket: use that user, or root';
  return 'start one with "samog run", or name its socket with --socket or SAMOG_SOCKET';
}
