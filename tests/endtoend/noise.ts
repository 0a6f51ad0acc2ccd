import { setTimeout as sleep } from 'node:timers/promises';
import { SeededRandom } from '../../src/kernel/random.ts';
import type { SocketNetwork } from '../../src/lab/socket-network.ts';
import type { Datagram } from '../../src/peers/actor.ts';
import { fromHex } from '../../src/wire/bytes/text.ts';
import type { Vector } from '../../src/wire/bytes/vector.ts';
import { greVectors } from '../../src/wire/gre/vectors.ts';
import { pmipv6Port } from '../../src/wire/pmipv6/constants.ts';

/** Packets between two pauses: no more than the send queue of a socket takes. */
const burst = 50;
const lengthMax = 1400;

type Address = Datagram['source'];

/**
 * Sends noise: half of it random octets, half real messages with octets changed or cut off; as GRE and to the PMIPv6 port.
 *
 * @param messages for the PMIPv6 port; none from a peer that is believed everything, as an LMA that says it has restarted
 */
export async function sendNoise(
  from: readonly Address[],
  to: Address,
  packets: number,
  messages: readonly Vector[],
  network: SocketNetwork,
): Promise<void> {
  const random = new SeededRandom(packets);
  for (let count = 0; count < packets; count += 1) {
    const gre = random.chance(0.7);
    const port = gre ? 0 : pmipv6Port;
    const samples = gre ? greVectors : messages;
    network.send({
      protocol: gre ? 'gre' : 'udp',
      source: random.pick(from),
      sourcePort: port,
      destination: to,
      destinationPort: port,
      bytes:
        samples.length === 0 || random.chance(0.5)
          ? random.bytes(random.below(lengthMax))
          : damaged(fromHex(random.pick(samples).hex), random),
    });
    if (count % burst === burst - 1) {
      network.poke();
      await sleep(10);
    }
  }
  network.poke();
}

function damaged(message: Uint8Array, random: SeededRandom): Uint8Array {
  const bytes = message.slice(0, random.chance(0.3) ? random.below(message.length) : message.length);
  for (let count = random.below(4); count > 0 && bytes.length > 0; count -= 1) {
    bytes[random.below(bytes.length)] = random.below(256);
  }
  return bytes;
}
