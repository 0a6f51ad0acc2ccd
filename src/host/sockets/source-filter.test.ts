import { afterAll, describe, expect, it } from 'vitest';
import { type Ipv4Address, ipv4Of, parseIpv4, parsePrefix } from '../../kernel/address.ts';
import { BatchedDriver } from './batched-driver.ts';
import type { HostSocket } from './socket-driver.ts';
import { type SourceRule, sourceFilter } from './source-filter.ts';

const driver = new BatchedDriver();
afterAll(() => driver.close());

const receiver = parseIpv4('127.90.0.1')!;
const senders = ['127.91.0.1', '127.91.0.2', '127.91.1.1', '127.92.0.1'];
const many = Array.from({ length: 300 }, (_, index) => parsePrefix(`10.${index >> 8}.${index & 255}.0/24`)!);
const prefixes = (...texts: string[]) => texts.map((text) => parsePrefix(text)!);
const addresses = (...texts: string[]): Ipv4Address[] => texts.map((text) => parseIpv4(text)!);

/** Who of the senders gets through a rule, and all of them once the rule is taken away. */
async function through(rule: SourceRule): Promise<{ meanwhile: string[]; afterwards: string[] }> {
  const came: number[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const socket = await driver.open({ transport: 'udp', address: receiver, port: 0 }, (_peer, _port, bytes) => {
    came.push(bytes[0]!);
    if (bytes[0] === 2 * senders.length - 1) resolve();
  });
  const from: HostSocket[] = [];
  for (const address of addresses(...senders)) {
    from.push(await driver.open({ transport: 'udp', address, port: 0 }, () => {}));
  }
  const sendAll = (first: number): void => {
    for (const [index, sender] of from.entries()) {
      sender.send(receiver, socket.localPort, Uint8Array.of(first + index, 1, 2, 3));
      driver.flush();
    }
  };
  socket.filter!(sourceFilter(rule));
  sendAll(0);
  socket.filter!(undefined);
  sendAll(senders.length);
  await promise;
  expect(socket.statistics().errors).toEqual({});
  for (const each of [socket, ...from]) each.close();
  const names = (first: number) => senders.filter((_, index) => came.includes(first + index));
  return { meanwhile: names(0), afterwards: names(senders.length) };
}

describe('a filter of sources', () => {
  it.each<[string, SourceRule, string[]]>([
    ['nobody is refused', { only: undefined, except: [] }, senders],
    ['one is refused', { only: undefined, except: addresses('127.91.0.2') }, [senders[0]!, senders[2]!, senders[3]!]],
    ['a network is taken', { only: prefixes('127.91.0.0/24'), except: [] }, senders.slice(0, 2)],
    [
      'a network is taken without one of it',
      { only: prefixes('127.91.0.0/16'), except: addresses('127.91.0.1') },
      senders.slice(1, 3),
    ],
    ['addresses are taken', { only: prefixes('127.92.0.1/32', '127.91.1.1/32'), except: [] }, senders.slice(2)],
    ['nobody is taken', { only: prefixes('2001:db8::/32'), except: [] }, []],
    [
      'the last of many rules counts',
      {
        only: [...many, ...prefixes('127.91.0.0/16')],
        except: [...many.slice(0, 63).map(({ address }) => address as Ipv4Address), ...addresses('127.91.1.1')],
      },
      senders.slice(0, 2),
    ],
    ['everybody is taken', { only: prefixes('0.0.0.0/0'), except: [] }, senders],
  ])('%s', async (_what, rule, meanwhile) => {
    expect(await through(rule)).toEqual({ meanwhile, afterwards: senders });
  });

  it('is counted by the kernel', async () => {
    const socket = await driver.open({ transport: 'udp', address: receiver, port: 0 }, () => {});
    const sender = await driver.open({ transport: 'udp', address: ipv4Of(receiver + 1), port: 0 }, () => {});
    socket.filter!(sourceFilter({ only: [], except: [] }));
    for (let packet = 0; packet < 5; packet += 1) sender.send(receiver, socket.localPort, Uint8Array.of(packet));
    driver.flush();
    expect(socket.statistics()).toMatchObject({ kernelDrops: 5, packetsReceived: 0 });
    socket.close();
    sender.close();
  });
});
