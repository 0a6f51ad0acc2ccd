import { readFileSync } from 'node:fs';
import { type ParsedConfig, parseConfig } from '../operations/config/parse.ts';
import { CommandError, exitCode } from './exit-code.ts';

/** Reads and checks a configuration file. @throws CommandError if it cannot be read */
export function readConfiguration(file: string): ParsedConfig {
  return parseConfig(configurationText(file), file);
}

/** @throws CommandError if it cannot be read */
export function configurationText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    const hint =
      code === 'ENOENT' ? 'name the file with --config; "samog config example" prints one' : 'see that it can be read';
    throw new CommandError(exitCode.refused, `cannot read the configuration ${file}: ${code}`, hint);
  }
}
