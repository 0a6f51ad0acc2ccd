import { readFileSync } from 'node:fs';
import { Progress } from '../host/progress.ts';
import { openCommands } from '../operations/commands/table.ts';
import { configurationWithoutSecrets } from '../operations/support/configuration-without-secrets.ts';
import { Redaction } from '../operations/support/redaction.ts';
import type { ViewArguments } from '../operations/views/view.ts';
import { clientOf, type GatewayOptions, unreachableCommand } from './ask.ts';
import type { Carried } from './carry-out.ts';
import { doctorReport } from './doctor.ts';
import { CommandError, exitCode } from './exit-code.ts';
import { codeOf, writeNewFile } from './new-file.ts';
import { complain } from './output.ts';
import { projectVersion } from './version.ts';

/** What is asked of a view beyond its plain form. */
const furtherArguments: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'show events': { limit: '500' },
  'show subscribers samog-only': { full: '' },
  'show srp checkpoint statistics': { verbose: '' },
  'show srp micro-checkpoint statistics': { 'debug-info': '' },
  'show session subsystem facility sessmgr': { 'debug-info': '' },
};

/** Collects what the gateway shows, a view at a time: every view, one page of those that have pages. */
export async function techSupport(args: ViewArguments, options: GatewayOptions): Promise<Carried> {
  const client = clientOf(options);
  const views: Record<string, unknown> = {};
  // Once, by whatever words it can be asked for.
  const paths = new Set<string>();
  let noAnswer: string | undefined;
  const progress = new Progress('views', openCommands.length);
  for (const [done, command] of openCommands.entries()) {
    progress.reached(done);
    const name = command.words.join(' ');
    const { method, path } = command.operation;
    if (command.words[0] !== 'show' || method !== 'GET' || paths.has(path)) continue;
    paths.add(path);
    const input = command.input(furtherArguments[name] ?? {});
    if (!input.ok) continue;
    const answer = await client.ask(command.operation, input.value);
    // What a gateway does not answer says something, too.
    if (answer.kind === 'unreachable') noAnswer = answer.reason;
    views[name] = answer.kind === 'data' ? answer.data : answer;
  }
  progress.end();
  if (noAnswer !== undefined) complain(`samog: ${unreachableCommand(noAnswer, client.where).message}`);
  const bundle = {
    kind: 'samog-tech-support',
    version: projectVersion(),
    takenAt: new Date().toISOString(),
    redacted: 'redact' in args,
    configuration: args['config'] === undefined ? null : configurationOf(args['config']),
    doctor: client.isRemote ? null : (await doctorReport(options, undefined)).data,
    views,
  };
  const data = bundle.redacted ? { ...(new Redaction().of(bundle) as object), takenAt: bundle.takenAt } : bundle;
  const text = JSON.stringify(data, null, 2);
  const { out } = args;
  if (out === undefined) return { data, lines: () => text.split('\n'), exitCode: exitCode.done };
  writeNewFile(out, `${text}\n`);
  return { data: { file: out }, lines: () => [`${out}: ${text.length} characters`], exitCode: exitCode.done };
}

function configurationOf(file: string): unknown {
  try {
    return configurationWithoutSecrets(readFileSync(file, 'utf8')) ?? 'no YAML';
  } catch (error) {
    throw new CommandError(exitCode.refused, `cannot read ${file}: ${codeOf(error)}`, 'name the configuration file');
  }
}
