import { viewOperation } from '../operations/api/operations.ts';
import type { OperatorCommand } from '../operations/commands/command.ts';
import { clip, macArgument } from '../operations/views/arguments.ts';
import { type MonitorData, monitor } from '../operations/views/monitor.ts';
import { type SubscribersData, subscribers } from '../operations/views/subscribers.ts';
import type { ViewArguments } from '../operations/views/view.ts';
import { ask, type GatewayOptions } from './ask.ts';
import { CommandError, exitCode } from './exit-code.ts';

/** More than a screen is not read. */
const candidatesMax = 20;
/** How many sessions are looked at: what the gateway does for one request. */
const lookedAtMax = '500';

/**
 * The arguments with the whole MAC address where a part of one was written: `11:22:33` of the one subscriber that has it.
 *
 * @param takesOne where somebody types, who sees what is done, one subscriber that fits is meant
 * @throws CommandError that names those that may be meant
 */
export async function withWholeMac(
  command: OperatorCommand,
  args: ViewArguments,
  options: GatewayOptions,
  takesOne: boolean,
): Promise<ViewArguments> {
  const name = command.options.find(({ completion }) => completion === 'mac')?.name;
  const text = name === undefined ? undefined : args[name];
  const part = text === undefined || macArgument(text).ok ? undefined : partOfMac(text);
  if (name === undefined || text === undefined || part === undefined) return args;
  const found = await subscribersWith(part, options);
  const [only] = found;
  if (only === undefined) {
    const what = `no subscriber that was looked at has ${part} in its MAC address`;
    throw new CommandError(exitCode.notFound, what, 'write the whole address: all of them are looked at then');
  }
  if (found.length === 1 && takesOne && command.consent === undefined) return { ...args, [name]: only };
  const shown = found.slice(0, candidatesMax).join(', ');
  const further = found.length > candidatesMax ? `, and ${found.length - candidatesMax} more` : '';
  const hint = `of those that were looked at: ${shown}${further}`;
  throw new CommandError(exitCode.usage, `"${clip(text)}" is part of a MAC address: write it whole`, hint);
}

/** Digits of a MAC address in any usual writing, as the gateway writes them: two or more, not all twelve. */
function partOfMac(text: string): string | undefined {
  if (/^[0-9a-f]{1,2}([:-][0-9a-f]{1,2}){1,4}$/i.test(text)) return text.replaceAll('-', ':').toLowerCase();
  const digits = text.replaceAll('.', '').toLowerCase();
  return /^([0-9a-f]{2}){2,5}$/.test(digits) ? digits.match(/../g)!.join(':') : undefined;
}

/** Those of the last events, and of the first sessions. */
async function subscribersWith(part: string, options: GatewayOptions): Promise<string[]> {
  const filter = `mac=*${part}*`;
  const seen = (await ask(options, viewOperation(monitor), { query: { filter } })) as MonitorData;
  const query = { filter, limit: lookedAtMax };
  const attached = (await ask(options, viewOperation(subscribers), { query })) as SubscribersData;
  const macs = [...seen.subscribers, ...(attached.subscribers ?? [])].map(({ mac }) => mac);
  return [...new Set(macs)].sort();
}
