import { type Static, Type } from 'typebox';
import { Uuid } from '../http/primitives.ts';

/** Payloads of the queues. They name the work; the truth about it is read from the catalogue. */
export const jobPayloads = {
  seal: Type.Object({ evidence: Uuid }, { additionalProperties: false }),
  probe: Type.Object({ evidence: Uuid }, { additionalProperties: false }),
  proxy: Type.Object({ evidence: Uuid }, { additionalProperties: false }),
  copy: Type.Object({ copy: Uuid }, { additionalProperties: false }),
  redact: Type.Object({ render: Uuid }, { additionalProperties: false }),
  /** tells the vaults how long, and whether held, an item is to be kept */
  retain: Type.Object({ evidence: Uuid }, { additionalProperties: false }),
  replicate: Type.Object({ evidence: Uuid }, { additionalProperties: false }),
  dispose: Type.Object({ disposition: Uuid }, { additionalProperties: false }),
} as const;

export type QueueName = keyof typeof jobPayloads;
export type JobPayload<Q extends QueueName> = Static<(typeof jobPayloads)[Q]>;
export const queueNames = Object.keys(jobPayloads) as readonly QueueName[];
