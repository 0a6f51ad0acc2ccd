import { getSystemErrorName } from 'node:util';
import { type Ipv4Address, ipv4Mask } from '../../kernel/address.ts';
import * as linux from '../sockets/linux.ts';

/** linux/netlink.h: `struct nlmsghdr`, and flags of a request. */
const header = { octets: 16, lengthAt: 0, typeAt: 4, flagsAt: 6, sequenceAt: 8 } as const;
const flag = { request: 0x1, acknowledge: 0x4, replace: 0x100, create: 0x400, append: 0x800 } as const;
/** NLMSG_ERROR: the errno, negative, or 0 for an acknowledgement, follows the header. */
const errorMessage = { type: 2, errorAt: header.octets } as const;
/** linux/rtnetlink.h */
const messageType = { newAddress: 20, deleteAddress: 21, newRoute: 24 } as const;
const addressAttribute = { address: 1, local: 2, cacheInfo: 6 } as const;
const routeAttribute = { destination: 1, outputInterface: 4, priority: 6, preferredSource: 7 } as const;
const route = { mainTable: 254, kernelProtocol: 2, linkScope: 253, unicast: 1 } as const;
/** Behind the kernel's own connected routes (0) and those of any DHCP client, which so stay as they are. */
const connectedRouteMetric = 4096;

const sockaddrNetlinkOctets = 12;
/** An error repeats the request, which has less than 100 octets. */
const answerOctetsMax = 1024;

/**
 * Changes of addresses and routes, asked of the kernel through rtnetlink(7). The kernel does the work within the call
 * that asks for it: when a method returns it is done. Each returns undefined, or the errno name why it could not be.
 * Needs CAP_NET_ADMIN for every change.
 */
export class RouteNetlink {
  readonly #fd: number;
  readonly #answer = new Uint8Array(answerOctetsMax);
  #sequence = 0;

  /** @throws Error if there is no such socket */
  constructor() {
    this.#fd = linux.socket(linux.afNetlink, linux.sockRaw | linux.sockCloexec, 0);
    if (this.#fd < 0) throw new Error(`cannot open a netlink socket: ${linux.errnoName()}`);
    const name = new Uint8Array(sockaddrNetlinkOctets);
    new DataView(name.buffer).setUint16(0, linux.afNetlink, true);
    linux.bind(this.#fd, name, name.length);
  }

  /**
   * Puts an address on an interface as a host address (/32), or makes it last longer if it is there. After
   * `lifetimeSeconds` the kernel removes it by itself.
   */
  putAddress(index: number, address: Ipv4Address, lifetimeSeconds: number): string | undefined {
    const cacheInfo = new DataView(new ArrayBuffer(16));
    cacheInfo.setUint32(0, lifetimeSeconds, true);
    cacheInfo.setUint32(4, lifetimeSeconds, true);
    return this.#request(messageType.newAddress, flag.create | flag.replace, [
      addressHeader(index),
      attribute(addressAttribute.local, inNetworkOrder(address)),
      attribute(addressAttribute.address, inNetworkOrder(address)),
      attribute(addressAttribute.cacheInfo, new Uint8Array(cacheInfo.buffer)),
    ]);
  }

  /** Removes an address from an interface, whatever its prefix length: the kernel compares that only if it is told one. */
  deleteAddress(index: number, address: Ipv4Address): string | undefined {
    const local = attribute(addressAttribute.local, inNetworkOrder(address));
    return this.#request(messageType.deleteAddress, 0, [addressHeader(index), local]);
  }

  /** Makes the prefix of `source` reachable on an interface. The kernel removes the route with the address `source`. */
  putConnectedRoute(index: number, source: Ipv4Address, prefixLength: number): string | undefined {
    const { mainTable, kernelProtocol, linkScope, unicast } = route;
    const start = [linux.afInet, prefixLength, 0, 0, mainTable, kernelProtocol, linkScope, unicast, 0, 0, 0, 0];
    return this.#request(messageType.newRoute, flag.create | flag.append, [
      Uint8Array.from(start),
      attribute(routeAttribute.destination, inNetworkOrder(source & ipv4Mask(prefixLength))),
      attribute(routeAttribute.outputInterface, linux.integer(index)),
      attribute(routeAttribute.priority, linux.integer(connectedRouteMetric)),
      attribute(routeAttribute.preferredSource, inNetworkOrder(source)),
    ]);
  }

  close(): void {
    linux.close(this.#fd);
  }

  #request(type: number, flags: number, parts: readonly Uint8Array[]): string | undefined {
    this.#sequence += 1;
    const message = new Uint8Array(parts.reduce((octets, part) => octets + part.length, header.octets as number));
    const view = new DataView(message.buffer);
    view.setUint32(header.lengthAt, message.length, true);
    view.setUint16(header.typeAt, type, true);
    view.setUint16(header.flagsAt, flag.request | flag.acknowledge | flags, true);
    view.setUint32(header.sequenceAt, this.#sequence, true);
    let at = header.octets as number;
    for (const part of parts) {
      message.set(part, at);
      at += part.length;
    }
    const kernel = new Uint8Array(sockaddrNetlinkOctets);
    new DataView(kernel.buffer).setUint16(0, linux.afNetlink, true);
    if (linux.sendto(this.#fd, message, message.length, 0, kernel, kernel.length) < 0) return linux.errnoName();
    return this.#outcome();
  }

  /** The answer to the latest request. It is waiting already, so that not to find one is an error too. */
  #outcome(): string | undefined {
    const view = new DataView(this.#answer.buffer);
    for (;;) {
      if (linux.recv(this.#fd, this.#answer, answerOctetsMax, linux.msgDontwait) < 0) return linux.errnoName();
      if (view.getUint16(header.typeAt, true) !== errorMessage.type) continue;
      if (view.getUint32(header.sequenceAt, true) !== this.#sequence) continue;
      const error = view.getInt32(errorMessage.errorAt, true);
      return error === 0 ? undefined : getSystemErrorName(error);
    }
  }
}

/** `struct ifaddrmsg` of a host address: family, prefix length, flags, scope, interface. */
function addressHeader(index: number): Uint8Array {
  const octets = Uint8Array.of(linux.afInet, 32, 0, 0, 0, 0, 0, 0);
  new DataView(octets.buffer).setUint32(4, index, true);
  return octets;
}

/** `struct rtattr` with a value of whole 32-bit words: length and type in host order, then the value. */
function attribute(type: number, value: Uint8Array): Uint8Array {
  const octets = new Uint8Array(4 + value.length);
  const view = new DataView(octets.buffer);
  view.setUint16(0, octets.length, true);
  view.setUint16(2, type, true);
  octets.set(value, 4);
  return octets;
}

function inNetworkOrder(address: number): Uint8Array {
  const octets = new Uint8Array(4);
  new DataView(octets.buffer).setUint32(0, address);
  return octets;
}
