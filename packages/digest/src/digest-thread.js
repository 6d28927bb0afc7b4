// @ts-check
/**
 * Entry of a worker thread: hashes the blocks it is told about, for any number of streams at once.
 *
 * Plain JavaScript with checked types, on purpose, and with imports of the same kind only: a thread that has to load Node's TypeScript
 * stripper takes 23 MiB instead of 10 (measured), and the threads are most of a worker process's memory.
 *
 * @import { Hash } from 'node:crypto'
 * @import { FromThread, LaneOutput, ToThread } from './protocol.ts'
 * @import { LaneSpec } from './selection.ts'
 * @typedef {object} Lane
 * @property {(bytes: Uint8Array, output: LaneOutput) => void} update
 * @property {(output: LaneOutput) => void} finish
 * @property {() => void} [drop] gives back what is not JavaScript's; a lane is finished or dropped
 */
import { createHash } from 'node:crypto';
import { parentPort } from 'node:worker_threads';
import { openSm3 } from './sm3.js';

const port = parentPort;
if (port === null) throw new Error('digest-thread.js only runs as a worker thread of a DigestPool.');

/** @type {Map<number, Uint8Array>} */
const blocks = new Map();
/** @type {Map<number, readonly Lane[]>} */
const streams = new Map();

port.on('message', (/** @type {ToThread} */ message) => {
  const answer = handle(message);
  if (answer !== null) port.postMessage(answer);
});

/**
 * @param {ToThread} message
 * @returns {FromThread | null}
 */
function handle(message) {
  switch (message.kind) {
    case 'open':
      streams.set(message.stream, message.lanes.map(openLane));
      return null;
    case 'map':
      blocks.set(message.block, new Uint8Array(message.memory));
      return null;
    case 'bytes': {
      const bytes = blocks.get(message.block)?.subarray(0, message.length);
      if (bytes === undefined) throw new Error(`Block ${message.block} was never mapped.`);
      /** @type {LaneOutput} */
      const output = {};
      for (const lane of lanesOf(message.stream)) lane.update(bytes, output);
      return { kind: 'read', stream: message.stream, output };
    }
    case 'finish': {
      /** @type {LaneOutput} */
      const output = {};
      for (const lane of lanesOf(message.stream)) lane.finish(output);
      streams.delete(message.stream);
      return { kind: 'finished', stream: message.stream, output };
    }
    case 'drop':
      for (const lane of streams.get(message.stream) ?? []) lane.drop?.();
      streams.delete(message.stream);
      return null;
  }
}

/** @param {number} stream */
function lanesOf(stream) {
  const lanes = streams.get(stream);
  if (lanes === undefined) throw new Error(`Stream ${stream} is not open on this thread.`);
  return lanes;
}

/**
 * @param {LaneSpec} spec
 * @returns {Lane}
 */
function openLane(spec) {
  switch (spec.kind) {
    case 'sha256':
      return sha256Lane();
    case 'sm3':
      return sm3Lane(spec.library);
    case 'parts':
      return sliceLane(spec.partSize, new Uint8Array(), (digest, output) => {
        output.parts ??= [];
        output.parts.push(digest.toString('hex'));
      });
    case 'tree':
      return sliceLane(spec.leafSize, spec.leafPrefix, (digest, output) => {
        output.leaves ??= [];
        output.leaves.push(digest);
      });
  }
}

/** @returns {Lane} */
function sha256Lane() {
  const hash = createHash('sha256');
  return {
    update(bytes) {
      hash.update(bytes);
    },
    finish(output) {
      output.sha256 = hash.digest('hex');
    },
  };
}

/**
 * @param {import('./sm3.js').Sm3Library} library
 * @returns {Lane}
 */
function sm3Lane(library) {
  const sm3 = openSm3(library);
  return {
    update(bytes) {
      sm3.update(bytes);
    },
    finish(output) {
      output.sm3 = sm3.digest();
    },
    drop: sm3.drop,
  };
}

/**
 * One SHA-256 per fixed-size slice. A slice exists once it has a byte: empty content has none.
 *
 * @param {number} sliceSize bytes
 * @param {Uint8Array} prefix hashed before each slice
 * @param {(digest: Buffer, output: LaneOutput) => void} emit
 * @returns {Lane}
 */
function sliceLane(sliceSize, prefix, emit) {
  /** @type {Hash | null} */
  let hash = null;
  let filled = 0;
  /** @param {LaneOutput} output */
  const finish = (output) => {
    if (hash === null) return;
    emit(hash.digest(), output);
    hash = null;
    filled = 0;
  };
  return {
    update(bytes, output) {
      for (let at = 0; at < bytes.length; ) {
        hash ??= createHash('sha256').update(prefix);
        const slice = bytes.subarray(at, at + sliceSize - filled);
        hash.update(slice);
        filled += slice.length;
        at += slice.length;
        if (filled === sliceSize) finish(output);
      }
    },
    finish,
  };
}
