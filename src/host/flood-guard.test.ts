import { describe, expect, it } from 'vitest';
import { ipv4Of, parsePrefix } from '../kernel/address.ts';
import { FloodGuard } from './flood-guard.ts';
import type { SourceRule } from './sockets/source-filter.ts';

const client = ipv4Of(0x0a000001);
const other = ipv4Of(0x0a000002);
const stranger = ipv4Of(0xc0000201);
const prefix = parsePrefix('10.0.0.0/24')!;

function guarded(): { guard: FloodGuard; rules: SourceRule[] } {
  const rules: SourceRule[] = [];
  return { guard: new FloodGuard({ clients: [{ prefix, ratePerSecond: 1000 }] }, (rule) => rules.push(rule)), rules };
}

function send(guard: FloodGuard, source: number, packets: number, at = 0): void {
  for (let packet = 0; packet < packets; packet += 1) guard.saw(ipv4Of(source), at);
}

describe('the guard of a port', () => {
  it('leaves a calm port alone, whoever sends', () => {
    const { guard, rules } = guarded();
    for (let second = 0; second < 5; second += 1) {
      send(guard, stranger, 900, second * 1000);
      send(guard, client, 2000, second * 1000);
    }
    expect(rules).toEqual([]);
  });

  it('refuses all that are no clients, by whatever addresses they flood', () => {
    const { guard, rules } = guarded();
    for (let packet = 0; packet < 20_000; packet += 1) guard.saw(ipv4Of(stranger + packet), 0);
    expect(rules).toEqual([{ only: [prefix], except: [] }]);
  });

  it('refuses a client that floods, and only that one', () => {
    const { guard, rules } = guarded();
    send(guard, client, 3001);
    send(guard, other, 1900);
    expect(rules).toEqual([{ only: undefined, except: [client] }]);
  });

  it('adds to a rule that stands, and begins anew when it is gone', () => {
    const { guard, rules } = guarded();
    send(guard, stranger, 20_000);
    send(guard, client, 5000);
    expect(rules).toEqual([
      { only: [prefix], except: [] },
      { only: [prefix], except: [client] },
    ]);
    guard.lowered();
    send(guard, client, 1500);
    expect(rules).toHaveLength(2);
    send(guard, stranger, 1000);
    expect(rules[2]).toEqual({ only: [prefix], except: [] });
  });
});
