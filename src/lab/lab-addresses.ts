import type { HostSocket, SocketDriver } from '../host/sockets/socket-driver.ts';
import { greInUdpPort, SocketError } from '../host/sockets/socket-driver.ts';
import { type Ipv4Address, ipv4Of } from '../kernel/address.ts';

/** Who has which loopback address in a lab. */
export interface LabAddresses {
  readonly access: Ipv4Address;
  readonly s2a: Ipv4Address;
  readonly aaaSide: Ipv4Address;
  readonly aaa: Ipv4Address;
  /** Where AAA changes sessions from. */
  readonly authorization: Ipv4Address;
  readonly lma: Ipv4Address;
  readonly wlc1: Ipv4Address;
  readonly wlc2: Ipv4Address;
  readonly rg1: Ipv4Address;
  readonly rg2: Ipv4Address;
}

export interface ClaimedAddresses {
  readonly addresses: LabAddresses;
  /** Lets others have them. */
  release(): void;
}

/** 127.200.0.0 to 127.249.255.0: away from the addresses that people and resolvers use. */
const firstBlock = 200 << 8;
const blocks = 50 << 8;
const attemptsMax = 64;

/**
 * Finds a 127.x.y.0/24 that no other lab uses, and holds it by a socket on its last address: labs that run at the same
 * time, in any process, do not meet.
 *
 * @param start where to begin to look; labs that begin elsewhere rarely meet
 * @throws SocketError if none can be had
 */
export async function claimAddresses(driver: SocketDriver, start: number): Promise<ClaimedAddresses> {
  for (let attempt = 0; ; attempt += 1) {
    const block = firstBlock + ((start + attempt) % blocks);
    const at = (host: number): Ipv4Address => ipv4Of((127 << 24) | (block << 8) | host);
    let held: HostSocket;
    try {
      held = await driver.open({ transport: 'udp', address: at(254), port: greInUdpPort }, () => {});
    } catch (error) {
      if (attempt < attemptsMax && error instanceof SocketError && error.code === 'EADDRINUSE') continue;
      throw error;
    }
    const addresses: LabAddresses = {
      access: at(1),
      s2a: at(2),
      aaaSide: at(3),
      aaa: at(10),
      authorization: at(11),
      lma: at(20),
      wlc1: at(31),
      wlc2: at(32),
      rg1: at(41),
      rg2: at(42),
    };
    return { addresses, release: () => held.close() };
  }
}
