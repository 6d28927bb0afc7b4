import { createHash } from 'node:crypto';
import { leafHash, TREE_LEAF_SIZE, treeRoot } from '@fengcun/digest';
import {
  commitmentTo,
  encodeBase64Url,
  encodeUtf8,
  type JsonObject,
  type LogEntry,
  type Opening,
  sha256,
} from '@fengcun/tlog';
import { MockLog } from '@fengcun/tlog/testing';
import { formatReceipt, RECEIPT_FORMAT, type ReceiptDocument } from '../receipt/receipt.ts';
import type { Content } from '../verify/content-legs.ts';

/** What a test may want different in a sealed event; `data` replaces members of the event's data. */
export interface MockSeal {
  readonly evidence?: string;
  readonly name?: string;
  readonly officer?: string | null;
  readonly content: Content & {
    readonly sha256: string;
    readonly sm3: string;
    readonly tree: NonNullable<Content['tree']>;
  };
  readonly data?: JsonObject;
}

export interface MockReceipt {
  readonly document: ReceiptDocument;
  /** the receipt file */
  readonly text: string;
  /** vkeys to trust */
  readonly keys: readonly string[];
  readonly content: Content;
}

/** The digests of a small content held in memory, by ways of their own rather than through the digest threads. */
export function mockContent(bytes: Uint8Array): MockSeal['content'] {
  const leaves: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += TREE_LEAF_SIZE)
    leaves.push(leafHash(bytes.subarray(at, at + TREE_LEAF_SIZE)));
  const digest = (algorithm: string) => createHash(algorithm).update(bytes).digest('hex');
  return {
    size: bytes.length,
    sha256: digest('sha256'),
    sm3: digest('sm3'),
    tree: { leafSize: TREE_LEAF_SIZE, root: treeRoot(Buffer.concat(leaves)) },
  };
}

/** An `evidence.sealed` event as the worker writes it, and the openings of its commitments. */
export function mockSealedEvent(seal: MockSeal): { entry: LogEntry; openings: Opening[] } {
  const evidence = seal.evidence ?? '0193f3a0-0000-7000-8000-000000000001';
  const openings: Opening[] = [];
  const committed = (path: string, value: string) => {
    const salt = sha256(encodeUtf8(`mock salt ${path}`));
    openings.push({ path, salt: encodeBase64Url(salt), value });
    return commitmentTo(value, salt);
  };
  const { size, sha256: digest, sm3, tree } = seal.content;
  const officer = seal.officer === undefined ? '041234' : seal.officer;
  const entry: LogEntry = {
    v: 1,
    type: 'evidence.sealed',
    at: '2026-11-22T03:04:05.678Z',
    actor: { kind: 'system', id: 'worker', name: null },
    subject: { kind: 'evidence', id: evidence },
    data: {
      evidence,
      name: committed('/data/name', seal.name ?? '现场执法 01.mp4'),
      kind: 'video',
      size,
      sha256: digest,
      sm3,
      tree,
      declared: { sha256: digest },
      received: { parts: 1, sha256: digest },
      readBack: { bytes: size },
      unit: '0193f3a0-0000-7000-8000-0000000000a1',
      device: { id: '0193f3a0-0000-7000-8000-0000000000b1', serial: 'DSJ0001' },
      dock: { id: '0193f3a0-0000-7000-8000-0000000000c1', name: '一号采集站' },
      officer: officer === null ? null : committed('/data/officer', officer),
      offload: '0193f3a0-0000-7000-8000-0000000000d1',
      times: {
        recordedFrom: '2026-11-22T01:00:00.000Z',
        recordedTo: '2026-11-22T01:10:00.000Z',
        received: '2026-11-22T03:04:00.000Z',
        sealed: '2026-11-22T03:04:05.000Z',
        deviceClockOffsetMs: -1500,
      },
      vault: {
        driver: 'disk',
        version: 'v1',
        protection: 'advisory',
        mode: 'compliance',
        retainUntil: '2027-11-22T00:00:00.000Z',
      },
      ...seal.data,
    },
  };
  return { entry, openings };
}

/** Logs a sealed event in `log`, amid other entries, and makes its receipt. */
export async function mockReceipt(seal: MockSeal, log: MockLog = new MockLog()): Promise<MockReceipt> {
  const { entry, openings } = mockSealedEvent(seal);
  log.append(encodeUtf8('an entry before'));
  const index = log.appendEntry(entry);
  for (let i = 0; i < 3; i++) log.append(encodeUtf8(`an entry after ${i}`));
  const document: ReceiptDocument = {
    format: RECEIPT_FORMAT,
    entry: { ...entry },
    openings,
    proof: await log.proof(index),
    keys: log.vkeys,
  };
  return { document, text: formatReceipt(document), keys: log.vkeys, content: seal.content };
}
