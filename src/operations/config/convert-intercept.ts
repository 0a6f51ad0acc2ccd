import type { InterceptConfig, InterceptTls } from './intercept-config.ts';
import type { ConfigFile } from './schema.ts';

/** The section `lawful-intercept` as the host works with it: durations in milliseconds, sizes in octets. */
export function toIntercept(file: NonNullable<ConfigFile['lawful-intercept']>): InterceptConfig {
  const { provisioning } = file;
  return {
    networkFunction: file['network-function'],
    targetsMax: file['targets-max'],
    directory: file.directory,
    keyFile: file['key-file'],
    provisioning: { address: provisioning.address, port: provisioning.port, tls: toTls(provisioning) },
    delivery: file.delivery.map((each) => ({
      name: each.name,
      address: each.address,
      port: each.port,
      tlsName: each['tls-name'],
      tls: toTls(each),
      bufferOctets: each.buffer,
      keepaliveMs: each['keepalive-interval'],
      timeoutMs: each['keepalive-timeout'],
    })),
  };
}

function toTls(files: { readonly ca: string; readonly certificate: string; readonly key: string }): InterceptTls {
  return { caFile: files.ca, certificateFile: files.certificate, keyFile: files.key };
}
