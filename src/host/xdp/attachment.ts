import { rmSync } from 'node:fs';
import { join } from 'node:path';
import * as linux from '../sockets/linux.ts';
import { checked, libbpf, XdpError } from './libbpf.ts';

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
  /**
   * Puts the program on interfaces that have vanished and come back; to be called now and then. The kernel takes it off one that
   * vanishes, and does not know it again.
   */
  follow(): InterfaceNews;
  /** Takes the program off the interfaces. */
  detach(): void;
  /** Lets go of the links: the program stays on the interfaces if they are pinned, and ends with the process if not. */
  release(): void;
}

/** What became of interfaces since somebody looked last. */
export interface InterfaceNews {
  /** Those that are not there, or that the kernel does not let the program be put on again: by name, and why. */
  readonly missing: ReadonlyMap<string, string>;
  /** The indices of those that are back, with the program on them. */
  readonly back: readonly number[];
}

/** What the link of an interface is called in a BPF file system, which has no dots in names. */
export function linkPinName(interfaceName: string, mode: XdpMode): string {
  return `link-${interfaceName.replaceAll('.', '_')}-${mode}`;
}

/** struct bpf_link_create_opts, as far as it is used: its size and flags. */
const linkOptions = { octets: 16, flagsAt: 8 } as const;

/** The file descriptor of a link that is no more. */
const detached = -1;

interface Link {
  fd: number;
  readonly pin: string | undefined;
  readonly name: string;
  /** Of the interface that it is on; another one of the same name has another. */
  index: number;
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
    return new AttachedLinks(program, links, 'generic', undefined);
  }
  const native = attachAll(program, names, 'native', pinFolder);
  if (!(native instanceof XdpError)) return new AttachedLinks(program, native, 'native', undefined);
  const generic = attachAll(program, names, 'generic', pinFolder);
  if (generic instanceof XdpError) throw generic;
  return new AttachedLinks(program, generic, 'generic', native.message);
}

class AttachedLinks implements Attachment {
  readonly mode: XdpMode;
  readonly refusal: string | undefined;
  #program: number;
  #links: Link[];

  constructor(program: number, links: Link[], mode: XdpMode, refusal: string | undefined) {
    this.#program = program;
    this.#links = links;
    this.mode = mode;
    this.refusal = refusal;
  }

  replace(program: number): void {
    this.#program = program;
    for (const { fd } of this.#links) checked(libbpf().updateLink(fd, program, null), 'replace', 'the program');
  }

  follow(): InterfaceNews {
    const missing = new Map<string, string>();
    const back: number[] = [];
    this.#links = this.#links.map((link) => {
      const index = linux.interfaceIndex(link.name);
      if (index === link.index && index !== 0) return link;
      const renewed = index === 0 ? undefined : this.#renewed(link);
      if (renewed !== undefined && !(renewed instanceof XdpError)) {
        back.push(renewed.index);
        return renewed;
      }
      missing.set(link.name, renewed?.message ?? 'there is none of this name');
      link.index = 0;
      return link;
    });
    return { missing, back };
  }

  detach(): void {
    for (const link of this.#links) detachLink(link);
  }

  release(): void {
    for (const { fd } of this.#links) if (fd !== detached) linux.close(fd);
  }

  /** The former link is on no interface any more. */
  #renewed(link: Link): Link | XdpError {
    detachLink(link);
    const renewed = created(this.#program, link.name, this.mode, link.pin);
    if (renewed instanceof XdpError) link.fd = detached;
    return renewed;
  }
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
    const link = adopted(program, name, pin) ?? created(program, name, mode, pin);
    if (link instanceof XdpError) {
      for (const attached of links) detachLink(attached);
      return link;
    }
    links.push(link);
  }
  return links;
}

/** The pinned link with the program in it; undefined if there is none that is still on an interface. */
function adopted(program: number, name: string, pin: string | undefined): Link | undefined {
  if (pin === undefined) return undefined;
  const fd = libbpf().get(pin);
  if (fd < 0) return undefined;
  const link = { fd, pin, name, index: linux.interfaceIndex(name) };
  if (libbpf().updateLink(fd, program, null) === 0) return link;
  detachLink(link);
  return undefined;
}

function created(program: number, name: string, mode: XdpMode, pin: string | undefined): Link | XdpError {
  const index = linux.interfaceIndex(name);
  if (index === 0) return new XdpError('find', `interface ${name}`, 'there is none of this name');
  const options = new Uint8Array(linkOptions.octets);
  options[0] = linkOptions.octets;
  options[linkOptions.flagsAt] = xdpMode[mode];
  const fd = libbpf().createLink(program, index, attachXdp, options);
  if (fd < 0) return new XdpError(`attach to ${name} in ${mode} mode`, 'the program', linux.errnoName());
  if (pin !== undefined && libbpf().pin(fd, pin) < 0) {
    const reason = linux.errnoName();
    linux.close(fd);
    return new XdpError('pin', pin, reason);
  }
  return { fd, pin, name, index };
}

/** A link without pin and file descriptor is taken off its interface by the kernel. */
function detachLink({ fd, pin }: Link): void {
  if (fd === detached) return;
  if (pin !== undefined) rmSync(pin, { force: true });
  linux.close(fd);
}
