import { createServer } from 'node:net';
import { LocalError, systemErrorCode } from '../errors.ts';

/** A TCP port on 127.0.0.1 that is free at this moment; someone else may take it before it is used. */
export async function freePort(): Promise<number> {
  return listenOnce(0);
}

/**
 * @throws LocalError `port_taken` when something listens on 127.0.0.1:`port`, or when this user may not listen there
 */
export async function requireFreePort(port: number, what: string): Promise<void> {
  try {
    await listenOnce(port);
  } catch (error) {
    throw portTaken(port, what, error);
  }
}

export function portTaken(port: number, what: string, cause?: unknown): LocalError {
  const why = systemErrorCode(cause) === 'EACCES' ? 'is reserved for root' : 'is already in use';
  return new LocalError(
    'port_taken',
    `Port ${port} of 127.0.0.1, wanted for ${what}, ${why}. Stop what listens there, or choose another port.`,
    {
      cause,
    },
  );
}

function listenOnce(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ host: '127.0.0.1', port, exclusive: true }, () => {
      const address = server.address();
      const taken = typeof address === 'object' && address !== null ? address.port : port;
      server.close(() => resolve(taken));
    });
  });
}
