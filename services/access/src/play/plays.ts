import {
  continuePlay,
  endPlay,
  findGrantEnd,
  findPlay,
  listPlaysOfGrant,
  type PlayRecord,
  startPlay,
  type TimeRange,
} from '@fengcun/catalog';
import type { ActorDraft, Purpose } from '@fengcun/contracts';
import { actorOf, type Person } from '@fengcun/identity';
import type { Access } from '../access.ts';
import { problem } from '../errors.ts';
import { decideFor, onRecord } from '../evidence/item.ts';
import { ProxyCopies, type ProxyCopy } from './proxy-copy.ts';
import { servedTimes, watchedTimes } from './watched.ts';

/** Sessions of play: begun on record, kept alive by what is fetched, ended on record. */
export class Plays {
  readonly #access: Access;
  readonly #copies: ProxyCopies;

  constructor(access: Access) {
    this.#access = access;
    this.#copies = new ProxyCopies(access.catalog);
  }

  /** Begins a play whose right was decided by `decision`. When this resolves the event is committed. Throws `not_recorded`. */
  async start(
    person: Person,
    evidence: string,
    decision: { readonly rule: string; readonly authorisation?: string },
    purpose?: Purpose,
  ): Promise<{ readonly id: string; readonly event: number; readonly startedAt: Date; readonly expiresAt: Date }> {
    const { catalog, clock } = this.#access;
    const { rule, authorisation } = decision;
    const expiresAt = this.#until(person, await this.#endOfTime(authorisation ?? null));
    const draft = {
      evidence,
      account: person.account.id,
      session: person.session,
      actor: actorOf(person),
      rule,
      ...(authorisation === undefined ? {} : { authorisation }),
      ...(purpose === undefined ? {} : { purpose }),
      expiresAt,
    };
    return { ...(await onRecord(startPlay(catalog, draft, clock))), expiresAt };
  }

  /**
   * The person's own live play, kept going; with `segment`, noted as handed out before it is. The rules are asked each time: a right that
   * was taken away ends a play in its middle. Throws `not_found` or `play_over`.
   */
  async live(
    person: Person,
    id: string,
    segment?: number,
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
    if (segment !== undefined && segment >= copy.index.segments.length) throw problem('not_found');
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
