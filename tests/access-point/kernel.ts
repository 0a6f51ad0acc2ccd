import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where `.ci/run` unpacks Debian's package, and where it is if it was installed. */
const roots = [fileURLToPath(new URL('../../.build/kernel', import.meta.url)), '/'];

/** A kernel of Debian with its modules. */
export class Kernel {
  readonly image: string;
  readonly #modules = new Map<string, string>();

  private constructor(image: string, modules: string) {
    this.image = image;
    for (const entry of readdirSync(modules, { recursive: true, encoding: 'utf8' })) {
      if (/\.ko(\.xz)?$/.test(entry)) this.#modules.set(moduleName(entry), join(modules, entry));
    }
  }

  /** The newest there is whose modules are there too; that for clouds has no radios. */
  static find(): Kernel | undefined {
    for (const root of roots) {
      const boot = join(root, 'boot');
      const images = existsSync(boot)
        ? readdirSync(boot).filter((name) => /^vmlinuz-.*(?<!-cloud)-amd64$/.test(name))
        : [];
      for (const image of images.sort().reverse()) {
        const release = image.replace('vmlinuz-', '');
        const modules = ['lib', 'usr/lib']
          .map((folder) => join(root, folder, 'modules', release, 'kernel'))
          .find(existsSync);
        if (modules !== undefined) return new Kernel(join(boot, image), modules);
      }
    }
    return undefined;
  }

  /** Modules and all that they depend on, in an order in which they can be loaded. @throws Error for one that is not there */
  modules(names: readonly string[]): Map<string, Uint8Array> {
    const found = new Map<string, Uint8Array>();
    const add = (name: string): void => {
      if (found.has(name)) return;
      const path = this.#modules.get(name);
      if (path === undefined) throw new Error(`${this.image} has no module ${name}`);
      const data = path.endsWith('.xz')
        ? execFileSync('xz', ['-dc', path], { maxBuffer: 2 ** 27 })
        : readFileSync(path);
      for (const other of dependencies(data)) add(other);
      found.set(name, data);
    };
    for (const name of names) add(name);
    return found;
  }
}

/** What a module says of itself in its section `.modinfo`: texts that end with a zero. */
function dependencies(module: Buffer): string[] {
  const key = '\0depends=';
  const at = module.indexOf(key);
  const list = module.toString('latin1', at + key.length, module.indexOf('\0', at + key.length));
  return at < 0 || list === '' ? [] : list.split(',').map(moduleName);
}

/** The kernel does not tell dashes from underscores. */
function moduleName(path: string): string {
  return basename(path)
    .replace(/\.ko(\.xz)?$/, '')
    .replaceAll('-', '_');
}
