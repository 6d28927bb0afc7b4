import { VaultError } from '../errors.ts';
import type { ByteRange, ObjectVersion, PartWriter, ReadOptions, Vault } from '../port.ts';

/** What goes wrong next. Each fault happens once and is then over, so that a test sees the recovery too. */
export interface FaultPlan {
  /** The n-th `openPart` from now (1 = the next) gives a writer whose first `write` takes the bytes and then fails. */
  failPartWrite(nth: number): void;
  /** The n-th `commit` of a part from now takes effect, but its answer is lost. */
  loseCommitAnswer(nth: number): void;
  /** The next `complete` takes effect, but its answer is lost. */
  loseCompleteAnswer(): void;
  /** The next `complete` fails without effect. */
  failComplete(): void;
  /** Every read of a version that passes this position (bytes from the start of the object) sees that byte changed. */
  flipByteOnRead(position: number | null): void;
  /** The vault takes this many more bytes through part writers and is then full; null frees it again. */
  limitSpace(bytes: number | null): void;
  /** Every call rejects `unavailable` while on. */
  setUnavailable(on: boolean): void;
}

/** A vault that does what `inner` does, except for the faults armed through `faults`. */
export function withFaults(inner: Vault): { readonly vault: Vault; readonly faults: FaultPlan } {
  let partWriteFaultIn = 0;
  let commitFaultIn = 0;
  let completeFault: 'none' | 'lost' | 'failed' = 'none';
  let flipAt: number | null = null;
  let space: number | null = null;
  let unavailable = false;

  const faults: FaultPlan = {
    failPartWrite: (nth) => {
      partWriteFaultIn = nth;
    },
    loseCommitAnswer: (nth) => {
      commitFaultIn = nth;
    },
    loseCompleteAnswer: () => {
      completeFault = 'lost';
    },
    failComplete: () => {
      completeFault = 'failed';
    },
    flipByteOnRead: (position) => {
      flipAt = position;
    },
    limitSpace: (bytes) => {
      space = bytes;
    },
    setUnavailable: (on) => {
      unavailable = on;
    },
  };

  const failure = () => new VaultError('unavailable', 'Injected: the vault did not answer; retry.');
  const reach = () => {
    if (unavailable) throw failure();
    return inner;
  };

  const faultyWriter = (writer: PartWriter, failing: boolean): PartWriter => ({
    async write(chunk) {
      if (space !== null && chunk.length > space) {
        throw new VaultError('no_space', 'Injected: the vault is full; free space, then send the bytes again.');
      }
      if (space !== null) space -= chunk.length;
      reach();
      await writer.write(chunk);
      if (failing) throw failure();
    },
    async commit(sha256) {
      reach();
      // A writer that failed acknowledges nothing more, as the port says.
      if (failing) throw failure();
      const part = await writer.commit(sha256);
      if (commitFaultIn > 0 && --commitFaultIn === 0) throw failure();
      return part;
    },
    async keep() {
      reach();
      if (failing) throw failure();
      await writer.keep();
    },
    discard: () => writer.discard(),
  });

  async function* flipped(
    version: ObjectVersion,
    range: ByteRange,
    options: ReadOptions | undefined,
  ): AsyncGenerator<Uint8Array> {
    let at = range.start;
    for await (const chunk of reach().read(version, range, options)) {
      if (flipAt !== null && flipAt >= at && flipAt < at + chunk.length) {
        const changed = Uint8Array.from(chunk);
        changed[flipAt - at] = (changed[flipAt - at] ?? 0) ^ 1;
        yield changed;
      } else {
        yield chunk;
      }
      at += chunk.length;
    }
  }

  const vault: Vault = {
    driver: inner.driver,
    capabilities: inner.capabilities,
    createTransfer: async (key, partSize) => reach().createTransfer(key, partSize),
    async openPart(transfer, partNumber, tailLength, options) {
      const writer = await reach().openPart(transfer, partNumber, tailLength, options);
      const failing = partWriteFaultIn > 0 && --partWriteFaultIn === 0;
      return faultyWriter(writer, failing);
    },
    async *readTail(transfer, partNumber, length) {
      yield* reach().readTail(transfer, partNumber, length);
    },
    async *readPart(transfer, part) {
      yield* reach().readPart(transfer, part);
    },
    async complete(transfer, parts) {
      const fault = completeFault;
      completeFault = 'none';
      if (fault === 'failed') throw failure();
      const version = await reach().complete(transfer, parts);
      if (fault === 'lost') throw failure();
      return version;
    },
    abort: async (transfer) => reach().abort(transfer),
    async *transfers() {
      yield* reach().transfers();
    },
    write: async (key, source, kind) => reach().write(key, source, kind),
    read: (version, range, options) => flipped(version, range ?? { start: 0, end: version.size }, options),
    stat: async (version) => reach().stat(version),
    openLocal: async (version) => reach().openLocal(version),
    retain: async (version, until) => reach().retain(version, until),
    setLegalHold: async (version, on) => reach().setLegalHold(version, on),
    protection: async (version) => reach().protection(version),
    delete: async (version) => reach().delete(version),
    async *concealed() {
      yield* reach().concealed();
    },
    headroom: async () => (space === null ? reach().headroom() : space),
    probe: async () => reach().probe(),
    close: () => inner.close(),
  };
  return { vault, faults };
}
