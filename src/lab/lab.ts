import { now, wallClock } from '../host/clock.ts';
import { hostDigests } from '../host/digests.ts';
import { type Gateway, startGateway } from '../host/gateway.ts';
import { hostRandom } from '../host/random.ts';
import { openDriver } from '../host/sockets/open-driver.ts';
import type { SocketDriver } from '../host/sockets/socket-driver.ts';
import { formatMac, ipv4Of, type MacAddress, macOf, parsePrefix } from '../kernel/address.ts';
import { AaaServer } from '../peers/aaa-server.ts';
import { AccountingBooks } from '../peers/accounting-books.ts';
import { AccountingNas } from '../peers/accounting-nas.ts';
import type { AccessPoint, Actor } from '../peers/actor.ts';
import { AuthorizationClient } from '../peers/authorization-client.ts';
import { CorrespondentHost } from '../peers/correspondent-host.ts';
import { EapServer } from '../peers/eap-server.ts';
import { IpAccessPoint } from '../peers/ip-access-point.ts';
import { Lma } from '../peers/lma.ts';
import { ResidentialGateway } from '../peers/residential-gateway.ts';
import { type ArrivalManner, Ue } from '../peers/ue.ts';
import { Wlc } from '../peers/wlc.ts';
import type { SamogEvent } from '../services/samog/events.ts';
import { utf8Encode } from '../wire/bytes/text.ts';
import { type ClaimedAddresses, claimAddresses, type LabAddresses } from './lab-addresses.ts';
import { type LabGatewayOptions, labAuthorizationSecret, labConfig, labSecret, labWlcSecret } from './lab-config.ts';
import { SocketNetwork } from './socket-network.ts';
import { Trace } from './trace.ts';

export interface LabOptions extends LabGatewayOptions {
  /** The LMA's pool; `10.45.0.0/16` unless told otherwise. */
  readonly pool?: string;
  /** False leaves the AAA server's address to another process. */
  readonly ownAaa?: boolean;
}

/** RFC 2544 set 198.18.0.0/15 apart for measurements. */
const hostAddress = ipv4Of(0xc6120009);
const firstMac = 0x02005e100001;

/**
 * A gateway and its whole surroundings in one process, each party at a loopback address of its own: every packet between
 * them goes through the kernel.
 */
export class Lab {
  readonly trace: Trace;
  readonly gateway: Gateway;
  readonly aaa: AaaServer;
  /** What the AAA server has of the gateway's accounting, and the accounting of the WLCs; of a lab with `accounting`. */
  readonly books: AccountingBooks;
  readonly nas1: AccountingNas;
  readonly nas2: AccountingNas;
  /** AAA where it changes sessions. */
  readonly authorization: AuthorizationClient;
  readonly lma: Lma;
  /** A host behind the LMA. */
  readonly host: CorrespondentHost;
  readonly wlc1: Wlc;
  readonly wlc2: Wlc;
  /** Of a lab with `accountingTrigger`, where the WLCs are in another. */
  readonly ap1: IpAccessPoint;
  readonly ap2: IpAccessPoint;
  readonly rg1: ResidentialGateway;
  /** Its tunnel has a key, and its frames a VLAN tag. */
  readonly rg2: ResidentialGateway;
  readonly addresses: LabAddresses;
  readonly #network: SocketNetwork;
  readonly #driver: SocketDriver;
  readonly #claimed: ClaimedAddresses;
  #ues = 0;

  private constructor(parts: LabParts, driver: SocketDriver, claimed: ClaimedAddresses) {
    this.trace = parts.trace;
    this.gateway = parts.gateway;
    this.#network = parts.network;
    this.aaa = parts.aaa;
    this.books = parts.books;
    this.nas1 = parts.nas1;
    this.nas2 = parts.nas2;
    this.authorization = parts.authorization;
    this.lma = parts.lma;
    this.host = new CorrespondentHost(hostAddress, parts.lma);
    this.wlc1 = parts.wlc1;
    this.wlc2 = parts.wlc2;
    this.ap1 = parts.ap1;
    this.ap2 = parts.ap2;
    this.rg1 = parts.rg1;
    this.rg2 = parts.rg2;
    this.#driver = driver;
    this.addresses = claimed.addresses;
    this.#claimed = claimed;
  }

  /** @throws Error if the lab's sockets cannot be had; then nothing stays open */
  static async start(options: LabOptions = {}): Promise<Lab> {
    const { driver } = await openDriver();
    let claimed: ClaimedAddresses | undefined;
    try {
      claimed = await claimAddresses(driver, process.pid * 7);
      return new Lab(await startParts(options, driver, claimed), driver, claimed);
    } catch (error) {
      claimed?.release();
      await driver.close();
      throw error;
    }
  }

  /** A new UE, with a MAC address that no other UE of this lab has. */
  newUe(): Ue {
    this.#ues += 1;
    const mac = macOf(firstMac + this.#ues - 1);
    // A scenario with a silent server must not take the seconds that RFC 2131 gives it.
    const dhcp = { initialTimeoutMs: 500, maxTimeoutMs: 2000 };
    const ue = new Ue({ name: `ue${this.#ues}`, mac, correspondent: hostAddress, dhcp }, hostRandom());
    this.trace.radio(ue);
    this.#network.runs(ue);
    return ue;
  }

  /** Has a party without sockets called when its deadline comes. */
  runs(timed: Parameters<SocketNetwork['runs']>[0]): void {
    this.#network.runs(timed);
  }

  move(ue: Ue, to: AccessPoint, how: ArrivalManner, overlapMs = 0): void {
    this.trace.moved(ue, to.name);
    ue.moveTo(to, how, now(), overlapMs);
    this.poke();
  }

  /** To be called after a party was told something: sends what it said. */
  poke(): void {
    this.#network.poke();
  }

  async stop(): Promise<void> {
    this.#network.stop();
    await this.gateway.stop();
    this.#claimed.release();
    await this.#driver.close();
  }
}

const wlcRadius = {
  secret: utf8Encode(labWlcSecret),
  digests: hostDigests(),
  identityOf: (mac: MacAddress) => `${formatMac(mac, '')}@wlan.example`,
};

/** Of the access points that give addresses: one site, so that a UE keeps its address from one to the other. */
const site = {
  addressOf: (mac: MacAddress) => ipv4Of(0xc0a80000 + 2 + (mac - firstMac)),
  router: ipv4Of(0xc0a80001),
  prefixLength: 16,
};

interface LabParts
  extends Pick<
    Lab,
    | 'trace'
    | 'gateway'
    | 'aaa'
    | 'books'
    | 'nas1'
    | 'nas2'
    | 'authorization'
    | 'lma'
    | 'wlc1'
    | 'wlc2'
    | 'ap1'
    | 'ap2'
    | 'rg1'
    | 'rg2'
  > {
  readonly network: SocketNetwork;
}

async function startParts(options: LabOptions, driver: SocketDriver, claimed: ClaimedAddresses): Promise<LabParts> {
  const { addresses } = claimed;
  const trace = new Trace();
  const network = new SocketNetwork(driver, 'udp');
  const traced = trace.network(() => network);
  const random = hostRandom();
  const secret = utf8Encode(labSecret);
  const accept = () => ({ kind: 'accept', profile: { apn: 'internet' } }) as const;
  const books = new AccountingBooks();
  const aaa = new AaaServer(
    { name: 'aaa', address: addresses.aaa, secretOf: () => secret, policy: accept, books },
    traced,
    hostDigests(),
  );
  const authorization = new AuthorizationClient(
    {
      name: 'authorization',
      address: addresses.authorization,
      server: addresses.aaaSide,
      secret: utf8Encode(labAuthorizationSecret),
    },
    traced,
    hostDigests(),
    wallClock,
  );
  const pool = parsePrefix(options.pool ?? '10.45.0.0/16')!;
  const lma = new Lma({ name: 'lma', address: addresses.lma, pool }, traced, random, wallClock);
  const radius = options.radiusTrigger === true && options.ownAaa !== false ? { radius: wlcRadius } : {};
  if (options.radiusTrigger === true) aaa.eap = new EapServer(random, hostDigests());
  const wlc = (name: string, address: typeof addresses.wlc1, naiRealm?: string) => {
    const realm = naiRealm === undefined ? {} : { naiRealm };
    return new Wlc({ name, address, lma: addresses.access, ...realm, ...radius }, traced, random, wallClock);
  };
  const wlc1 = wlc('wlc1', addresses.wlc1);
  const wlc2 = wlc('wlc2', addresses.wlc2, 'wlan.example');
  const nas = (name: string, address: typeof addresses.wlc1) => {
    const options = { name, address, gateway: addresses.access, secret: wlcRadius.secret };
    return new AccountingNas(options, traced, hostDigests());
  };
  const nas1 = nas('wlc1', addresses.wlc1);
  const nas2 = nas('wlc2', addresses.wlc2);
  const ap = (name: string, address: typeof addresses.wlc1) => {
    const options = { name, address, gateway: addresses.access, secret: wlcRadius.secret, ...site };
    return new IpAccessPoint(options, traced, hostDigests());
  };
  const ap1 = ap('ap1', addresses.wlc1);
  const ap2 = ap('ap2', addresses.wlc2);
  const toGateway = { gateway: addresses.access };
  const rg1 = new ResidentialGateway({ name: 'rg1', address: addresses.rg1, ...toGateway }, traced);
  const rg2 = new ResidentialGateway({ name: 'rg2', address: addresses.rg2, ...toGateway, key: 77, vlan: 100 }, traced);
  const parties: readonly (readonly [Actor, Parameters<Trace['party']>[1]])[] = [
    [aaa, 'aaa'],
    [authorization, 'aaa'],
    [lma, 'lma'],
    ...(options.accountingTrigger === true
      ? ([
          [ap1, 'access'],
          [ap2, 'access'],
        ] as const)
      : ([
          [wlc1, 'access'],
          [wlc2, 'access'],
        ] as const)),
    [rg1, 'access'],
    [rg2, 'access'],
    ...(options.accounting === true
      ? ([
          [nas1, 'access'],
          [nas2, 'access'],
        ] as const)
      : []),
  ];
  for (const [actor, column] of parties.filter(([actor]) => actor !== aaa || options.ownAaa !== false))
    await network.add(trace.party(actor, column));
  const report = (event: SamogEvent) => trace.event(event);
  const gateway = await startGateway(labConfig(addresses, options), { driver, report });
  return { trace, network, gateway, aaa, books, nas1, nas2, authorization, lma, wlc1, wlc2, ap1, ap2, rg1, rg2 };
}
