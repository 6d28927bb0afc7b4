import { createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { SiteError } from '../errors.ts';

/**
 * Makes sure that `host:port` can be listened on, and answers the port (a free one for 0).
 *
 * @throws SiteError `port_taken`, `address_unavailable`
 */
export async function claimAddress(host: string, port: number): Promise<number> {
  try {
    return await listenOnce(host, port);
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    if (code === 'EADDRINUSE') {
      throw new SiteError(
        'port_taken',
        `端口 ${port} 已被其他程序占用。请停止该程序，或用 --port 另选端口（例如 --port ${port === 65_535 ? 8080 : port + 1}）。`,
        `Port ${port} is in use by another program. Stop it, or choose another port with --port.`,
        { cause },
      );
    }
    if (code === 'EACCES') {
      throw new SiteError(
        'port_taken',
        `没有权限使用端口 ${port}。请用 --port 选择 1024 以上的端口。`,
        `This user may not use port ${port}. Choose one above 1023 with --port.`,
        { cause },
      );
    }
    throw new SiteError(
      'address_unavailable',
      `本机没有地址 ${host}。请用 --host 指定本机的地址，或 0.0.0.0（全部地址）。`,
      `${host} is not an address of this machine. Give one with --host, or 0.0.0.0 for all of them.`,
      { cause },
    );
  }
}

/** What to type into a browser on this machine. */
export function urlOf(host: string, port: number): string {
  const name = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`;
}

/** What to type on other machines, when we listen on all addresses. */
export function outsideUrls(host: string, port: number): readonly string[] {
  if (host !== '0.0.0.0' && host !== '::') return [];
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ family, internal }) => family === 'IPv4' && !internal)
    .map(({ address }) => urlOf(address, port));
}

function listenOnce(host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ host, port, exclusive: true }, () => {
      const address = server.address();
      const taken = typeof address === 'object' && address !== null ? address.port : port;
      server.close(() => resolve(taken));
    });
  });
}
