import { CommanderError } from 'commander';
import { CommandError, exitCode } from './exit-code.ts';
import { complain, endQuietlyWithReader } from './output.ts';
import { program } from './program.ts';

/** Nobody waits longer for the help. */
const patienceMs = 500;

function setExitCode(code: number): void {
  process.exitCode = code;
}

/** `samog` alone at a terminal: the shell, where a gateway answers; elsewhere the help says what there is. */
async function shellIfThereIsAGateway(): Promise<number | undefined> {
  if (!process.stdin.isTTY || !process.stdout.isTTY) return undefined;
  const { clientOf } = await import('./ask.ts');
  const answer = await clientOf({}, patienceMs).health();
  if (answer.kind === 'unreachable') return undefined;
  const { runShell } = await import('./shell/shell.ts');
  return runShell({});
}

async function main(): Promise<void> {
  endQuietlyWithReader();
  try {
    const code = process.argv.length > 2 ? undefined : await shellIfThereIsAGateway();
    if (code !== undefined) return setExitCode(code);
    await program(setExitCode).parseAsync();
  } catch (error) {
    if (error instanceof CommandError) {
      complain(`samog: ${error.message}`);
      setExitCode(error.exitCode);
    } else if (error instanceof CommanderError) {
      // Commander has said what is wrong, or printed the help that was asked for.
      setExitCode(error.exitCode === 0 ? exitCode.done : exitCode.usage);
    } else {
      throw error;
    }
  }
}

await main();
