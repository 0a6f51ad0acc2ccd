import { describe, expect, it } from 'vitest';
import { parseIp, parsePrefix } from '../../kernel/address.ts';
import type { TwanProfile } from '../../services/samog/config.ts';
import { utf8Decode } from '../../wire/bytes/text.ts';
import { RadiusClients } from './radius-clients.ts';

const ip = (text: string) => parseIp(text)!;

function profile(name: string, ratePerSecond: number, clients: Readonly<Record<string, string>>): TwanProfile {
  return {
    name,
    accessType: 'pmip',
    sessionTrigger: 'pmipv6',
    clients: [],
    radius: {
      clients: Object.entries(clients).map(([prefix, key]) => ({
        address: parsePrefix(prefix)!,
        key,
        disconnectPort: 3799,
      })),
      ratePerSecond,
    },
  };
}

const profiles = [
  profile('north', 2, { '192.0.2.0/24': 'of the north' }),
  profile('south', 1, { '192.0.2.7/32': 'of one' }),
];

describe('who speaks RADIUS', () => {
  const clients = new RadiusClients(profiles);
  it.each([
    ['192.0.2.1', 'north', 'of the north'],
    ['192.0.2.7', 'south', 'of one'],
  ])('%s is a client of %s with its own secret', (address, name, key) => {
    const client = clients.of(ip(address))!;
    expect(client.profile.name).toBe(name);
    expect(utf8Decode(client.secret)).toBe(key);
  });

  it('is nobody else, nor anybody of a profile without RADIUS', () => {
    expect(clients.of(ip('192.0.3.1'))).toBeUndefined();
    expect(clients.admit(ip('192.0.3.1'), 0)).toBe('unknown-client');
    const { radius: _, ...without } = profiles[0]!;
    expect(new RadiusClients([without]).of(ip('192.0.2.1'))).toBeUndefined();
  });
});

describe('the rate of a client', () => {
  it('is of each address by itself, and comes back with time', () => {
    const clients = new RadiusClients(profiles);
    const said = (address: string, now: number) => {
      const client = clients.admit(ip(address), now);
      return typeof client === 'string' ? client : client.profile.name;
    };
    expect([0, 0, 0].map(() => said('192.0.2.1', 0))).toEqual(['north', 'north', 'rate']);
    expect(said('192.0.2.2', 0)).toBe('north');
    expect(said('192.0.2.1', 499)).toBe('rate');
    expect(said('192.0.2.1', 1500)).toBe('north');
  });
});
