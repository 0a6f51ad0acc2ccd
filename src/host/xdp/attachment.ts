import { rmSync } from 'node:fs';
import { join } from 'node:path';
import * as linux from '../sockets/linux.ts';
import { checked, errnoName, libbpf, XdpError } from './libbpf.ts';

/** BPF_XDP of `enum bpf_attach_type`. */
const attachXdp = 37;
/** linux/if_link.h: flags for how a program is attached. */
const xdpMode = { generic: 2, native: 4 } as const;

/**
 * `native`: the driver runs the program before the kernel has made a buffer of its own of the packet. `generic`: the kernel runs
 * it afterwards, for drivers that know nothing of it; slower, and still far below the sockets.
 */
export type XdpMode = keyof typeof xdpMode;

/** A program on some interfaces. */
export interface Attachment {
  readonly mode: XdpMode;
  /** Why the mode is not native; undefined if it is, or if the links were found pinned. */
  readonly refusal: string | undefined;
  /** Puts another program in place of it, between two packets. @throws XdpError if the kernel refuses it on an interface */
  replace(program: number): void;
  /** Takes the program off the interfaces. */
  detach(): void;
  /** Lets go of the links: the program stays on the interfaces if they are pinned, and ends with the process if not. */
  release(): void;
}

/** What the link of an interface is called in a BPF file system, which has no dots in names. */
export function linkPinName(interfaceName: string, mode: XdpMode): string {
  return `link-${interfaceName.replaceAll('.', '_')}-${mode}`;
}

/** struct bpf_link_create_opts, as far as it is used: its size and flags. */
const linkOptions = { octets: 16, flagsAt: 8 } as const;

interface Link {
  readonly fd: number;
  readonly pin: string | undefined;
}

/**
 * Puts a program on interfaces: native on all of them, or generic on all of them, because what a native program redirects to an
 * interface without one may be lost. Links found pinned from before get the program in place of theirs, between two packets.
 *
 * @param program its file descriptor
 * @param names the interfaces
 * @param first what to try first: after native comes generic
 * @param pinFolder a folder of a BPF file system, so that the links outlive the process
 * @throws XdpError if it can be done in neither mode; nothing is attached then
 */
export function attach(
  program: number,
  names: readonly string[],
  pinFolder?: string,
  first: XdpMode = 'native',
): Attachment {
  if (first === 'generic') {
    const links = attachAll(program, names, 'generic', pinFolder);
    if (links instanceof XdpError) throw links;
    return attachmentOf(links, 'generic', undefined);
  }
  const native = attachAll(program, names, 'native', pinFolder);
  if (!(native instanceof XdpError)) return attachmentOf(native, 'native', undefined);
  const generic = attachAll(program, names, 'generic', pinFolder);
  if (generic instanceof XdpError) throw generic;
  return attachmentOf(generic, 'generic', native.message);
}

function attachmentOf(links: readonly Link[], mode: XdpMode, refusal: string | undefined): Attachment {
  return {
    mode,
    refusal,
    replace: (program) => {
      for (const { fd } of links) checked(libbpf().updateLink(fd, program, null), 'replace', 'the program');
    },
    detach: () => {
      for (const link of links) detachLink(link);
    },
    release: () => {
      for (const { fd } of links) linux.close(fd);
    },
  };
}

function attachAll(
  program: number,
  names: readonly string[],
  mode: XdpMode,
  pinFolder: string | undefined,
): Link[] | XdpError {
  const links: Link[] = [];
  for (const name of names) {
    const pin = pinFolder === undefined ? undefined : join(pinFolder, linkPinName(name, mode));
    const link = adopted(program, pin) ?? created(program, name, mode, pin);
    if (link instanceof XdpError) {
      for (const attached of links) detachLink(attached);
      return link;
    }
    links.push(link);
  }
  return links;
}

/** The pinned link with the program in it; undefined if there is none that is still on an interface. */
function adopted(program: number, pin: string | undefined): Link | undefined {
  if (pin === undefined) return undefined;
  const fd = libbpf().get(pin);
  if (fd < 0) return undefined;
  if (libbpf().updateLink(fd, program, null) === 0) return { fd, pin };
  detachLink({ fd, pin });
  return undefined;
}

function created(program: number, name: string, mode: XdpMode, pin: string | undefined): Link | XdpError {
  const index = linux.interfaceIndex(name);
  if (index === 0) return new XdpError('find', `interface ${name}`, 'there is none of this name');
  const options = new Uint8Array(linkOptions.octets);
  options[0] = linkOptions.octets;
  options[linkOptions.flagsAt] = xdpMode[mode];
  const fd = libbpf().createLink(program, index, attachXdp, options);
  if (fd < 0) return new XdpError(`attach to ${name} in ${mode} mode`, 'the program', errnoName());
  if (pin !== undefined && libbpf().pin(fd, pin) < 0) {
    const reason = errnoName();
    linux.close(fd);
    return new XdpError('pin', pin, reason);
  }
  return { fd, pin };
}

/** A link without pin and file descriptor is taken off its interface by the kernel. */
function detachLink({ fd, pin }: Link): void {
  if (pin !== undefined) rmSync(pin, { force: true });
  linux.close(fd);
}
