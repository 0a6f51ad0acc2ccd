import { CommanderError } from 'commander';
import { CommandError, exitCode } from './exit-code.ts';
import { complain, endQuietlyWithReader } from './output.ts';
import { program } from './program.ts';

function setExitCode(code: number): void {
  process.exitCode = code;
}

async function main(): Promise<void> {
  endQuietlyWithReader();
  try {
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
