import type { HostSocket, SocketDriver, SocketSpec, Transport } from '../../host/sockets/socket-driver.ts';
import type { Ipv4Address } from '../../kernel/address.ts';
import { pmipv6Port } from '../../wire/pmipv6/constants.ts';
import { radiusPort } from '../../wire/radius/constants.ts';
import type { BenchNetwork } from './network.ts';
import type { LoadPeers, Site, SiteOutput } from './peers-load.ts';

/** Where each site listens, and which of the gateway's addresses it talks to. */
const sites: Readonly<
  Record<
    Site,
    {
      readonly addresses: (network: BenchNetwork) => readonly Ipv4Address[];
      readonly gateway: (network: BenchNetwork) => Ipv4Address;
      /** undefined: GRE. */
      readonly port: number | undefined;
    }
  >
> = {
  rg: { addresses: ({ rgs }) => rgs, gateway: ({ access }) => access, port: undefined },
  wlc: { addresses: ({ wlcs }) => wlcs, gateway: ({ access }) => access, port: pmipv6Port },
  'wlc-gre': { addresses: ({ wlcs }) => wlcs, gateway: ({ access }) => access, port: undefined },
  lma: { addresses: ({ lma }) => [lma], gateway: ({ s2a }) => s2a, port: pmipv6Port },
  'lma-gre': { addresses: ({ lma }) => [lma], gateway: ({ s2a }) => s2a, port: undefined },
  aaa: { addresses: ({ aaaServer }) => [aaaServer], gateway: ({ aaa }) => aaa, port: radiusPort.authentication },
};

/** The sockets of the peers. */
export class LoadSockets {
  readonly output: SiteOutput;
  readonly #network: BenchNetwork;
  readonly #driver: SocketDriver;
  readonly #gre: Transport;
  readonly #sockets = new Map<Site, { readonly gateway: Ipv4Address; readonly sockets: readonly HostSocket[] }>();

  constructor(network: BenchNetwork, driver: SocketDriver, gre: Transport = 'gre-over-udp') {
    this.#gre = gre;
    this.#network = network;
    this.#driver = driver;
    this.output = (site, index, peerPort, bytes) => {
      const { gateway, sockets } = this.#sockets.get(site)!;
      sockets[index]!.send(gateway, peerPort, bytes);
    };
  }

  /** @throws SocketError if an address is taken */
  async open(peers: LoadPeers): Promise<void> {
    for (const [site, { addresses, gateway, port }] of Object.entries(sites) as [Site, (typeof sites)[Site]][]) {
      const opened = addresses(this.#network).map((address, index) => {
        const spec: SocketSpec =
          port === undefined ? { transport: this.#gre, address } : { transport: 'udp', address, port };
        return this.#driver.open(spec, (_, peerPort, bytes) => peers.receive(site, index, peerPort, bytes));
      });
      this.#sockets.set(site, { gateway: gateway(this.#network), sockets: await Promise.all(opened) });
    }
  }

  /** Sends what is queued now instead of at the end of the turn. */
  flush(): void {
    this.#driver.flush();
  }

  /** Packets that the kernel or a full queue cost us. */
  lost(): number {
    let lost = 0;
    for (const { sockets } of this.#sockets.values()) {
      for (const socket of sockets) {
        const { kernelDrops, sendsRefused, errors } = socket.statistics();
        lost += (kernelDrops ?? 0) + sendsRefused;
        for (const count of Object.values(errors)) lost += count;
      }
    }
    return lost;
  }

  close(): Promise<void> {
    return this.#driver.close();
  }
}
