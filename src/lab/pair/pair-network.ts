import type { Ipv4Address } from '../../kernel/address.ts';
import { formatIpv4, parseIpv4 } from '../../kernel/address.ts';
import { ipBatch, NetworkNamespace } from './network-namespace.ts';

function at(text: string): Ipv4Address {
  return parseIpv4(text)!;
}

/** Who has which address on the network that the parties and both chassis share; RFC 5737 set it apart for this. */
export const place = {
  access: at('192.0.2.1'),
  s2a: at('192.0.2.2'),
  aaaSide: at('192.0.2.3'),
  aaa: at('192.0.2.10'),
  lma: at('192.0.2.20'),
  wlc: at('192.0.2.31'),
  rg: at('192.0.2.41'),
} as const;
export const prefixLength = 24;

/** The service addresses: with the active chassis. */
export const serviceAddresses = [place.access, place.s2a, place.aaaSide];
const partyAddresses = [place.aaa, place.lma, place.wlc, place.rg];

export const chassisInterface = { service: 'acc0', srp: 'srp0' } as const;

/** The addresses of both chassis on the link between them. */
export const srpAddress = { a: at('192.168.77.1'), b: at('192.168.77.2') } as const;
const srpPrefixLength = 30;
const nobodysMac = '02:00:5e:00:53:ff';

/** The addresses of both chassis where operators come in; each has its own, whatever its role. */
export const managementAddress = { a: at('192.0.2.51'), b: at('192.0.2.52') } as const;

export type ChassisLetter = 'a' | 'b';

/**
 * The networks of a pair, in the namespace of this process and one for each chassis:
 *
 *     UEs ~ WLC, RG ─┐          ┌── acc0 ┤ chassis a ├ srp0 ─┐
 *     AAA server ────┼─ br0 ────┤                            │
 *     LMA ~ host ────┘          └── acc0 ┤ chassis b ├ srp0 ─┘
 */
export class PairNetwork {
  readonly chassis: Readonly<Record<ChassisLetter, NetworkNamespace>>;

  private constructor(a: NetworkNamespace, b: NetworkNamespace) {
    this.chassis = { a, b };
  }

  /** @throws Error if it cannot be made; what was made vanishes with this process */
  static async make(): Promise<PairNetwork> {
    const [a, b] = await Promise.all([NetworkNamespace.make(), NetworkNamespace.make()]);
    const { service, srp } = chassisInterface;
    ipBatch([
      'link set lo up',
      'link add br0 type bridge',
      ...partyAddresses.map((address) => `address add ${formatIpv4(address)}/${prefixLength} dev br0`),
      'link set br0 up',
      ...[a, b].flatMap(({ pid }, index) => [
        `link add port${index} type veth peer name ${service} netns ${pid}`,
        `link set port${index} master br0 up`,
      ]),
      `link add ${srp} netns ${a.pid} type veth peer name ${srp} netns ${b.pid}`,
    ]);
    for (const [letter, inside] of [
      ['a', a],
      ['b', b],
    ] as const) {
      const own = `${formatIpv4(srpAddress[letter])}/${srpPrefixLength}`;
      const up = ['lo', service, srp].map((name) => `link set ${name} up`);
      const operators = `${formatIpv4(managementAddress[letter])}/${prefixLength}`;
      const addresses = [`address add ${own} dev ${srp}`, `address add ${operators} dev ${service}`];
      ipBatch([...addresses, ...up], inside);
    }
    return new PairNetwork(a, b);
  }

  /** Cuts the link between the two, or heals it. */
  setLink(state: 'up' | 'down'): void {
    ipBatch([`link set ${chassisInterface.srp} ${state}`], this.chassis.a);
  }

  /** Has what a chassis says to its peer go astray, or no more: it sends to a MAC address that nobody has. */
  setAstray(from: ChassisLetter, astray: boolean): void {
    const neighbour = `${formatIpv4(srpAddress[from === 'a' ? 'b' : 'a'])} dev ${chassisInterface.srp}`;
    const change = astray ? `replace ${neighbour} lladdr ${nobodysMac} nud permanent` : `delete ${neighbour}`;
    ipBatch([`neighbour ${change}`], this.chassis[from]);
  }

  async remove(): Promise<void> {
    await Promise.all(Object.values(this.chassis).map((inside) => inside.remove()));
  }
}
