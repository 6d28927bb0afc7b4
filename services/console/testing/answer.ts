import type { ServerResponse } from 'node:http';
import type { Api, CallInput, CallReply, Problem } from '@fengcun/contracts';
import type { Person } from './people.ts';

export const sessionCookie = 'fengcun_session';

/** Ends a request with a problem document. */
export class FakeProblem extends Error {
  readonly problem: Partial<Problem>;
  constructor(status: number, code: string) {
    super(code);
    this.problem = { status, code, title: code, detail: `The fake site says ${code}.` };
  }
}

/** Pages of these are tried against the product only: the fake site says `no_such_route`. */
type Unplayed =
  | 'beginOidcSession'
  | 'completeOidcSession'
  | 'endOidcSession'
  | 'createWebhook'
  | 'changeWebhook'
  | 'testWebhook'
  | 'listWebhooks'
  | 'listWebhookDeliveries'
  | 'listCopies'
  | 'getCopy';

/** Routes that answer JSON or nothing. */
type Answered = {
  [N in keyof Api]: N extends Unplayed ? never : Api[N] extends { media: string } ? never : N;
}[keyof Api];

export interface Call<N extends keyof Api> {
  readonly params: NonNullable<CallInput<N>['params']>;
  readonly body: CallInput<N>['body'];
  readonly query: URLSearchParams;
  readonly me: Person;
  readonly session: string;
  readonly response: ServerResponse;
}

/** An answer for every route of the contract that a test of a page needs: one that is added there and not here does not compile. */
export type Answers = { [N in Answered]: (call: Call<N>) => CallReply<N> };

export function refuse(status: number, code: string): never {
  throw new FakeProblem(status, code);
}
