import {
  continuePlay,
  endPlay,
  findGrantEnd,
  findPlay,
  listAbandonedPlays,
  listPlaysOfGrant,
  nextEndOfGrant,
  type PlayRecord,
  startPlay,
  type TimeRange,
} from '@fengcun/catalog';
import type { ActorDraft, Purpose } from '@fengcun/contracts';
import { actorOf, type Person } from '@fengcun/identity';
import type { FastifyBaseLogger } from 'fastify';
import { type Access, systemActor } from '../access.ts';
import { problem } from '../errors.ts';
import { decideFor, onRecord } from '../evidence/item.ts';
import { Deadline } from './deadline.ts';
import { ProxyCopies, type ProxyCopy } from './proxy-copy.ts';
import { stillOf } from './still.ts';
import { servedTimes, watchedTimes } from './watched.ts';

const atOnce = 200;

/** Sessions of play: begun on record, kept alive by what is fetched, ended on record. */
export class Plays {
  readonly #access: Access;
  readonly #log: FastifyBaseLogger;
  readonly #copies: ProxyCopies;
  /** when the next grant that is being played under runs out, as far as this process knows */
  readonly #grantEnd: Deadline;

  constructor(access: Access, log: FastifyBaseLogger) {
    this.#access = access;
    this.#log = log;
    this.#copies = new ProxyCopies(access.catalog);
    this.#grantEnd = new Deadline(access.clock, () =>
      this.endOver().catch((error: unknown) =>
        log.error({ err: error }, 'plays of a grant that ran out were not ended'),
      ),
    );
  }

  /** Nothing is ended by the clock any more. */
  close(): Promise<void> {
    return this.#grantEnd.close();
  }

  /** Begins a play, of the recording or of a rendering of a redacted version, whose right was decided by `decision`. When this resolves the event is committed. Throws `not_recorded`. */
  async start(
    person: Person,
    evidence: string,
    decision: { readonly rule: string; readonly authorisation?: string },
    purpose?: Purpose,
    redaction?: { readonly redaction: string; readonly render: string },
  ): Promise<{ readonly id: string; readonly event: number; readonly startedAt: Date; readonly expiresAt: Date }> {
    const { catalog, clock } = this.#access;
    const { rule, authorisation } = decision;
    const grantEnd = await this.#endOfTime(authorisation ?? null);
    const expiresAt = this.#until(person, grantEnd);
    const draft = {
      evidence,
      account: person.account.id,
      session: person.session,
      actor: actorOf(person),
      rule,
      ...(authorisation === undefined ? {} : { authorisation }),
      ...(purpose === undefined ? {} : { purpose }),
      ...(redaction === undefined ? {} : { redaction }),
      expiresAt,
    };
    const begun = await onRecord(startPlay(catalog, draft, clock));
    if (grantEnd) this.#grantEnd.at(grantEnd);
    return { ...begun, expiresAt };
  }

  /**
   * The person's own live play, kept going; what is `wanted` of it, a segment or the still picture, is noted as handed out before it is. The rules are asked each time: a right that
   * was taken away ends a play in its middle. Throws `not_found` or `play_over`.
   */
  async live(
    person: Person,
    id: string,
    wanted?: number | 'still',
  ): Promise<{ readonly play: PlayRecord; readonly copy: ProxyCopy }> {
    const play = await this.#own(person, id);
    if (play.endedAt) throw problem('play_over');
    if (!(await this.#mayGoOn(person, play))) {
      const cause = await this.#whyGrantEnded(play);
      await onRecord(this.end(id, { actor: actorOf(person), cause }));
      throw problem('play_over', { extensions: { cause } });
    }
    const copy = await this.#copies.of(play);
    if (!copy) throw problem('play_over');
    const segment = wanted === 'still' ? 0 : wanted;
    // What is not there is never noted as seen.
    const isThere = (wanted === 'still') === (stillOf(copy.index) !== null);
    if (segment !== undefined && (!isThere || segment >= copy.index.segments.length)) throw problem('not_found');
    const { catalog, clock } = this.#access;
    const served = segment === undefined ? {} : { segment };
    const goesOn = continuePlay(catalog, {
      id,
      now: clock.now(),
      until: this.#until(person, await this.#endOfTime(play.grant)),
      ...served,
    });
    if (!(await onRecord(goesOn))) throw problem('play_over', { extensions: { cause: 'expired' } });
    return { play, copy };
  }

  /** What a play shows: its copy, while there is one that is ready. */
  shown(play: Pick<PlayRecord, 'id' | 'evidence' | 'render'>): Promise<ProxyCopy | undefined> {
    return this.#copies.of(play);
  }

  /** Ends the person's own play with what their player says was watched; ending it again does nothing. Throws `not_found`. */
  async endOwn(person: Person, id: string, watched: readonly TimeRange[]): Promise<void> {
    await this.#own(person, id);
    await this.end(id, { actor: actorOf(person), cause: 'viewer', watched });
  }

  /** Ends the plays under way of a grant that was revoked. */
  async endOfGrant(grant: string, actor: ActorDraft): Promise<void> {
    for (const id of await listPlaysOfGrant(this.#access.catalog, grant))
      await this.end(id, { actor, cause: 'revoked' });
  }

  /**
   * Ends every play that lives on without a right to: its viewer vanished, its session is over, its grant ran out or was taken back. Done
   * every few seconds, and at the very moment at which a grant runs out that something is played under.
   */
  async endOver(): Promise<void> {
    const { catalog, clock } = this.#access;
    for (const { id, cause } of await listAbandonedPlays(catalog, clock.now(), atOnce)) {
      await this.end(id, { actor: systemActor, cause }).catch((error: unknown) => {
        this.#log.error({ err: error, play: id }, 'a play that is over could not be ended');
      });
    }
    const next = await nextEndOfGrant(catalog, clock.now());
    if (next) this.#grantEnd.at(next);
  }

  /** Ends a play once, on record. */
  async end(
    id: string,
    end: {
      readonly actor: ActorDraft;
      readonly cause: 'viewer' | 'expired' | 'revoked';
      readonly watched?: readonly TimeRange[];
    },
  ): Promise<void> {
    const { catalog, clock } = this.#access;
    const { actor, cause, watched } = end;
    await endPlay(
      catalog,
      {
        play: id,
        actor,
        cause,
        describe: async (ending) => {
          if (ending.served.length === 0) return { watched: [], served: [] };
          const copy = await this.#copies.of(ending);
          if (!copy) throw new Error(`Segments of ${ending.evidence} were handed out and there is no index of them`);
          const served = servedTimes(copy.index, ending.served);
          return { watched: watchedTimes(watched ?? null, served), served };
        },
      },
      clock,
    );
    this.#copies.forget(id);
  }

  /** A play that a grant allowed goes on with that grant or with none, never with another that was not counted. */
  async #mayGoOn(person: Person, play: PlayRecord): Promise<boolean> {
    const item = { id: play.evidence, unitPath: play.unitPath };
    const asked = { purpose: play.purpose, inUse: play.grant };
    const decision = await decideFor(this.#access, person, 'play', item, asked);
    if (decision.outcome !== 'allow') return false;
    return decision.authorisation === undefined || decision.authorisation === play.grant;
  }

  async #whyGrantEnded({ grant }: PlayRecord): Promise<'revoked' | 'expired'> {
    const { catalog, clock } = this.#access;
    const end = grant === null ? undefined : await findGrantEnd(catalog, grant);
    return end && !end.revoked && end.until <= clock.now() ? 'expired' : 'revoked';
  }

  /** When a grant's time is over; no play outlives its grant. */
  async #endOfTime(grant: string | null): Promise<Date | null> {
    return grant === null ? null : ((await findGrantEnd(this.#access.catalog, grant))?.until ?? null);
  }

  /** A play belongs to the session that began it: a stolen link opens nothing. */
  async #own(person: Person, id: string): Promise<PlayRecord> {
    const play = await findPlay(this.#access.catalog, id);
    if (!play || play.account !== person.account.id || play.session !== person.session) throw problem('not_found');
    return play;
  }

  #until(person: Person, grantEnd: Date | null): Date {
    const idleEnd = this.#access.clock.now().getTime() + this.#access.config.playIdleMs;
    return new Date(Math.min(idleEnd, person.expiresAt.getTime(), grantEnd?.getTime() ?? idleEnd));
  }
}
