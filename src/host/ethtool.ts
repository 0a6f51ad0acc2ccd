import * as linux from './sockets/linux.ts';

/** linux/sockios.h: SIOCETHTOOL. */
const ethtoolRequest = 0x8946;
/** linux/if.h: a name, and here a pointer to what ethtool is asked. */
const ifreq = { octets: 40, nameOctets: 16, dataAt: 16 } as const;

/**
 * Asks the driver of an interface.
 *
 * @param command of linux/ethtool.h
 * @param octets of the structure that goes there, the command first, and comes back filled in
 * @returns undefined if the kernel does not tell
 */
export function askDriver(name: string, command: number, octets: number): linux.FixedMemory | undefined {
  const question = new linux.FixedMemory(octets);
  question.view.setUint32(0, command, true);
  const request = new linux.FixedMemory(ifreq.octets);
  Buffer.from(request.bytes.buffer).write(name, 0, ifreq.nameOctets - 1, 'latin1');
  request.setPointer(ifreq.dataAt, question, 0);
  const fd = linux.socket(linux.afInet, linux.sockDgram | linux.sockCloexec, 0);
  if (fd < 0) return undefined;
  const failed = linux.ioctl(fd, ethtoolRequest, request.bytes) < 0;
  linux.close(fd);
  return failed ? undefined : question;
}
