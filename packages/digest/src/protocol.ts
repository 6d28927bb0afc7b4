/** What a pool and its threads say to each other. Messages of one port arrive in order; the protocol rests on that. */
import type { LaneSpec } from './selection.ts';

export type ToThread =
  | { readonly kind: 'open'; readonly stream: number; readonly lanes: readonly LaneSpec[] }
  /** Introduces a block of shared memory once; later messages name it by number. */
  | { readonly kind: 'map'; readonly block: number; readonly memory: SharedArrayBuffer }
  | { readonly kind: 'bytes'; readonly stream: number; readonly block: number; readonly length: number }
  | { readonly kind: 'finish'; readonly stream: number }
  | { readonly kind: 'drop'; readonly stream: number };

export type FromThread =
  /** The thread no longer reads the oldest block sent for the stream. */
  | { readonly kind: 'read'; readonly stream: number; readonly output: LaneOutput }
  | { readonly kind: 'finished'; readonly stream: number; readonly output: LaneOutput };

/** Digests that became final; absent where a thread's lanes do not produce them or nothing new is final. */
export interface LaneOutput {
  sha256?: string;
  sm3?: string;
  /** newly complete parts, hex, in order */
  parts?: string[];
  /** newly complete leaf hashes, 32 bytes each, in order */
  leaves?: Uint8Array[];
}
