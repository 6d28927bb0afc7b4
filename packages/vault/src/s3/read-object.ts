import { Readable } from 'node:stream';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { VaultError } from '../errors.ts';
import type { ByteRange } from '../port.ts';
import type { Engine } from './engine.ts';
import { failureOf, vaultErrorOf } from './failures.ts';

/** What a GET names: never a key alone where versions exist. */
export interface ReadAddress {
  readonly Bucket: string;
  readonly Key: string;
  readonly VersionId?: string;
}

/**
 * Streams a range of an object straight from the socket, one request as long as the connection holds; when it breaks, goes on from the byte
 * it broke at. `size` is the size (bytes) the object must have according to every answer; null: not checked. Rejects `corrupt` when the engine
 * says it has another size or sends a different number of bytes than it was asked for.
 */
export async function* readObject(
  engine: Engine,
  address: ReadAddress,
  size: number | null,
  { start, end }: ByteRange,
): AsyncGenerator<Uint8Array> {
  let at = start;
  for (let broken = 0; at < end; ) {
    const body = await open(engine, address, size, { start: at, end });
    const from = at;
    try {
      for await (const chunk of body) {
        const bytes: Uint8Array = chunk;
        if (at + bytes.length > end) throw wrongLength(`more than the ${end - from} bytes asked for`);
        at += bytes.length;
        yield bytes;
      }
    } catch (error) {
      // Whatever the reader threw into the generator comes here too, but as itself; only the socket's errors are ours to mend.
      if (error instanceof VaultError || failureOf(error).kind === 'final') throw error;
      broken = at > from ? 0 : broken + 1;
      if (broken > 5) throw vaultErrorOf(error, 'Reading an object');
      continue;
    } finally {
      body.destroy();
    }
    if (at < end) throw wrongLength(`only ${at - from} of ${end - from} bytes`);
  }
}

async function open(engine: Engine, address: ReadAddress, size: number | null, range: ByteRange): Promise<Readable> {
  const whole = range.start === 0 && size !== null && range.end === size;
  const field = whole ? {} : { Range: `bytes=${range.start}-${range.end - 1}` };
  let answer: Awaited<ReturnType<typeof get>>;
  const get = () =>
    engine.call('Reading an object', 'repeatable', (client, abort) =>
      client.send(new GetObjectCommand({ ...address, ...field }), abort),
    );
  try {
    answer = await get();
  } catch (error) {
    // 416: the object ends before the range.
    if (error instanceof VaultError && failureOf(error.cause).status === 416) {
      throw wrongLength(`none from byte ${range.start} on, where the object should have some`);
    }
    throw error;
  }
  const { Body: body, ContentRange, ContentLength } = answer;
  if (!(body instanceof Readable))
    throw new VaultError('unavailable', 'Reading an object: the engine sent no body; retry.');
  const total = whole ? ContentLength : totalOf(ContentRange);
  if (size !== null && total !== size) {
    body.destroy();
    throw new VaultError(
      'corrupt',
      `The engine has ${total ?? 'an unknown number of'} bytes of the object, but ${size} were stored.`,
    );
  }
  return body;
}

/** The object's size out of `bytes 10-19/5242980`. */
function totalOf(contentRange: string | undefined): number | undefined {
  const total = /\/(\d+)$/.exec(contentRange ?? '')?.[1];
  return total === undefined ? undefined : Number(total);
}

const wrongLength = (sent: string): VaultError =>
  new VaultError('corrupt', `The engine sent ${sent}; what is stored is not what was promised.`);
