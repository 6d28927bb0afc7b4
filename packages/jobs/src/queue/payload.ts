import { type JobPayload, jobPayloads, type QueueName, queueNames } from '@fengcun/contracts';
import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { JobsError } from '../errors.ts';

const validators = new Map<
  string,
  { Check(value: unknown): boolean; Errors(value: unknown): Iterable<{ message: string }> }
>(queueNames.map((queue) => [queue, Compile(jobPayloads[queue] as TSchema)]));

export const isQueueName = (name: string): name is QueueName => validators.has(name);

/** Checks a payload against its queue's schema, at both ends of the queue. Throws `payload_invalid`. */
export function parsePayload<Q extends QueueName>(queue: Q, payload: unknown): JobPayload<Q> {
  const validator = validators.get(queue);
  if (!validator?.Check(payload)) {
    const first = [...(validator?.Errors(payload) ?? [])][0];
    throw new JobsError('payload_invalid', `${queue}: ${first?.message ?? 'no such queue'}`);
  }
  return payload as JobPayload<Q>;
}
