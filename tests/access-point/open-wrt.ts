interface Section {
  readonly type: string;
  readonly name: string;
  readonly options: Readonly<Record<string, string>>;
}

/**
 * What OpenWrt makes of `/etc/config/network`, as commands of `ip`: of tunnels as the script of its package `gre` has netifd make them
 * (MTU 1280 and DF unless told otherwise), of bridges with their ports, and of interfaces without a protocol, which are brought up.
 *
 * @throws Error for what it does not know
 */
export function openWrtCommands(config: string): string[] {
  const sections = sectionsOf(config);
  const upBy = new Set(sections.filter(({ type }) => type === 'interface').map(({ options }) => options['device']));
  return sections.flatMap(({ type, name, options }) => {
    if (type === 'interface' && options['proto'] === 'gretap') {
      const { ipaddr, peeraddr, mtu = '1280', df = '1' } = options;
      const discovery = df === '1' ? 'pmtudisc' : 'nopmtudisc';
      const tunnel = `gre4t-${name}`;
      return [
        `ip link add ${tunnel} mtu ${mtu} type gretap local ${ipaddr} remote ${peeraddr} ttl 64 ${discovery}`,
        `ip link set ${tunnel} up`,
      ];
    }
    if (type === 'device' && options['type'] === 'bridge') {
      const bridge = options['name'];
      const port = `ip link set ${options['ports']} master ${bridge}`;
      return [`ip link add ${bridge} type bridge`, port, ...(upBy.has(bridge) ? [`ip link set ${bridge} up`] : [])];
    }
    if (type === 'interface' && options['proto'] === 'none') return [];
    throw new Error(`what would OpenWrt make of config ${type} '${name}'?`);
  });
}

function sectionsOf(config: string): Section[] {
  return config
    .split(/^config /m)
    .slice(1)
    .map((text) => {
      const [, type = '', name = ''] = /^(\w+)(?: '(.*)')?$/m.exec(text)!;
      const options = [...text.matchAll(/^ +(?:option|list) (\w+) '(.*)'$/gm)].map(([, key, value]) => [key, value]);
      return { type, name, options: Object.fromEntries(options) as Record<string, string> };
    });
}
