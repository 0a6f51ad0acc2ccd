import { apiOperations, viewOperation } from '../../operations/api/operations.ts';
import { checkPath, type PathAnswer, pathWaitMs } from '../../operations/commands/check-path.ts';
import { type ForwardingData, forwarding } from '../../operations/views/forwarding.ts';
import type { SubscriberDetail } from '../../operations/views/subscriber.ts';
import { type SubscribersData, subscribers } from '../../operations/views/subscribers.ts';
import { ask, type GatewayOptions } from '../ask.ts';
import { CommandError } from '../exit-code.ts';

/** What packets say of the tunnels of a subscriber, and what a check finds that they carry. */
export async function pathLines(options: GatewayOptions, mac: string): Promise<string[]> {
  const found = (await ask(options, viewOperation(subscribers), { query: { mac, full: '' } })) as SubscribersData;
  const detail = found.subscribers?.[0] as SubscriberDetail | undefined;
  const peers = [detail?.accessPeer, detail?.s2a?.lma].filter((peer) => peer !== null && peer !== undefined);
  const lines: string[] = [];
  for (const peer of peers) {
    const seen = (await ask(options, viewOperation(forwarding), { query: { mtu: '', peer } })) as ForwardingData;
    lines.push(...forwarding.render(seen), ...(await checkedLines(options, peer)), '');
  }
  return lines;
}

async function checkedLines(options: GatewayOptions, address: string): Promise<string[]> {
  try {
    const input = { body: { address }, waitMs: pathWaitMs };
    return checkPath.render((await ask(options, apiOperations.checkPath, input)) as PathAnswer);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    return [`path to ${address}: ${error.message}`];
  }
}
