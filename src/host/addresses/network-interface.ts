import { type MacAddress, macOf } from '../../kernel/address.ts';
import { u48At } from '../../wire/bytes/reader.ts';
import * as linux from '../sockets/linux.ts';

/** A network interface of this host as it is now. */
export interface NetworkInterface {
  readonly index: number;
  readonly kind: 'ethernet' | 'loopback' | 'other';
  /** 0 where the kind has no MAC addresses. */
  readonly mac: MacAddress;
}

/** linux/if.h: `struct ifreq`, here a name and a `struct sockaddr` whose family is the ARP hardware type. */
const ifreq = { octets: 40, nameOctets: 16, hardwareTypeAt: 16, hardwareAddressAt: 18 } as const;
const getHardwareAddress = 0x8927;
const hardware = { ethernet: 1, loopback: 772 } as const;

/** Looks an interface up by name: undefined if there is none. It may vanish, and come back with another index. */
export function findInterface(name: string): NetworkInterface | undefined {
  const index = linux.interfaceIndex(name);
  if (index === 0) return undefined;
  const request = Buffer.alloc(ifreq.octets);
  request.write(name, 0, ifreq.nameOctets - 1, 'latin1');
  const fd = linux.socket(linux.afInet, linux.sockDgram | linux.sockCloexec, 0);
  const failed = linux.ioctl(fd, getHardwareAddress, request) < 0;
  linux.close(fd);
  if (failed) return undefined;
  const type = request.readUInt16LE(ifreq.hardwareTypeAt);
  if (type === hardware.loopback) return { index, kind: 'loopback', mac: macOf(0) };
  if (type !== hardware.ethernet) return { index, kind: 'other', mac: macOf(0) };
  return { index, kind: 'ethernet', mac: macOf(u48At(request, ifreq.hardwareAddressAt)) };
}
