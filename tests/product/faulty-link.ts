import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** What becomes of one connection: cut after that many bytes in one direction. */
export interface Cut {
  readonly direction: 'up' | 'down';
  readonly after: number;
}

/** A network between a dock and the server, with faults at our command. */
export interface FaultyLink {
  /** origin that docks use */
  readonly url: string;
  /** connections cut so far */
  readonly cuts: number;
  /** Decides each new connection's end; without a plan the link is sound. */
  plan(cutOf: (() => Cut | undefined) | undefined): void;
  /** Lets that many more bytes up in all and then stands still; resolves when it does. */
  holdAfter(bytes: number): Promise<void>;
  /** Lets everything through again. */
  letGo(): void;
  /** Cuts every connection now. */
  cutAll(): void;
  close(): Promise<void>;
}

export async function openFaultyLink(target: string): Promise<FaultyLink> {
  const { hostname, port } = new URL(target);
  const pairs = new Set<readonly [Socket, Socket]>();
  let cutOf: (() => Cut | undefined) | undefined;
  let cuts = 0;
  let allowance = Number.POSITIVE_INFINITY;
  let onHold: (() => void) | undefined;

  const server = createServer({ allowHalfOpen: false }, (near) => {
    const far = connect(Number(port), hostname);
    const pair = [near, far] as const;
    pairs.add(pair);
    const end = () => {
      pairs.delete(pair);
      near.destroy();
      far.destroy();
    };
    for (const socket of pair) socket.on('error', end).on('close', end);
    const cut = cutOf?.();
    const sever = () => {
      if (!pairs.delete(pair)) return;
      cuts += 1;
      // RST in both directions: what is in flight is lost, as when a cable is pulled and the far end gives up.
      near.resetAndDestroy();
      far.resetAndDestroy();
    };
    const left = {
      up: cut?.direction === 'up' ? cut.after : Number.POSITIVE_INFINITY,
      down: cut?.direction === 'down' ? cut.after : Number.POSITIVE_INFINITY,
    };
    const carry = (from: Socket, to: Socket, direction: 'up' | 'down') => {
      from.on('data', (chunk) => {
        const part = chunk.subarray(0, left[direction]);
        left[direction] -= part.length;
        if (direction === 'up') {
          allowance -= part.length;
          if (allowance <= 0) {
            onHold?.();
            onHold = undefined;
          }
        }
        const flowing = to.write(part);
        if (left[direction] <= 0) return void setImmediate(sever);
        if (!flowing) {
          from.pause();
          to.once('drain', () => allowance > 0 && from.resume());
        }
        if (allowance <= 0) for (const [each] of pairs) each.pause();
      });
    };
    carry(near, far, 'up');
    carry(far, near, 'down');
    if (allowance <= 0) near.pause();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port: own } = server.address() as AddressInfo;
  const letGo = () => {
    allowance = Number.POSITIVE_INFINITY;
    for (const [near] of pairs) near.resume();
  };

  return {
    url: `http://127.0.0.1:${own}`,
    get cuts() {
      return cuts;
    },
    plan(next) {
      cutOf = next;
    },
    holdAfter(bytes) {
      allowance = bytes;
      return new Promise((resolve) => {
        onHold = resolve;
      });
    },
    letGo,
    cutAll() {
      for (const [near, far] of pairs) {
        near.resetAndDestroy();
        far.resetAndDestroy();
      }
    },
    close() {
      for (const [near, far] of pairs) {
        near.destroy();
        far.destroy();
      }
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
