import { readFileSync } from 'node:fs';
import { type ParsedConfig, parseConfig } from '../operations/config/parse.ts';
import { missingSecrets } from '../operations/configuration/check-candidate.ts';
import { CommandError, exitCode } from './exit-code.ts';

/** Reads and checks a configuration file. @throws CommandError if it cannot be read */
export function readConfiguration(file: string): ParsedConfig {
  return parsedConfiguration(configurationText(file), file);
}

/** A text that was shown without its secrets is no configuration: each would be the mark that stands for it. */
export function parsedConfiguration(text: string, file: string): ParsedConfig {
  const parsed = parseConfig(text, file);
  const problems = parsed.ok ? missingSecrets(text, file) : [];
  return problems.length === 0 ? parsed : { ok: false, problems };
}

/** @throws CommandError if it cannot be read */
export function configurationText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    const hint =
      code === 'ENOENT' ? 'name a file that is there; "samog config example" prints one' : 'see that it can be read';
    throw new CommandError(exitCode.refused, `cannot read the configuration ${file}: ${code}`, hint);
  }
}
