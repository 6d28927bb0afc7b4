import { type Database, findCircumstances, findMatrix, type LiveGrant } from '@fengcun/catalog';
import { type ItemPermission, type Purpose, purposes } from '@fengcun/contracts';
import type { Person } from '@fengcun/identity';
import {
  type Action,
  type Actor,
  type Context,
  type Decision,
  decide,
  defaultMatrix,
  inheritedRows,
  type Matrix,
} from '@fengcun/policy';
import type { Access } from '../access.ts';

/** A person as the policy knows them. */
export const asActor = (person: Person): Extract<Actor, { kind: 'person' }> => ({
  kind: 'person',
  id: person.account.id,
  roles: person.roles,
});

/** An item as far as decisions about it go. */
export interface DecidedItem {
  readonly id: string;
  /** unit ids from the root to the item's own unit */
  readonly unitPath: readonly string[];
}

/** What stands around one question. */
export interface Asked {
  readonly purpose?: Purpose | null;
  /** a redacted derivative is what would be shown */
  readonly redacted?: boolean;
  /** the grant that a play or download under way began with */
  readonly inUse?: string | null;
}

/** Matrix, live grants and whose case it is, read at one moment: any number of decisions about one person and one item. */
export class Judgement {
  readonly #actor: Actor;
  readonly #item: DecidedItem;
  readonly #context: Context;
  readonly grants: readonly LiveGrant[];
  /** of the matrix that decides; 0: the default */
  readonly matrixVersion: number;

  constructor(
    actor: Actor,
    item: DecidedItem,
    found: {
      readonly grants: readonly LiveGrant[];
      readonly ownCase: boolean;
      readonly matrix: Matrix;
      readonly matrixVersion: number;
    },
  ) {
    this.#actor = actor;
    this.#item = item;
    this.#context = { matrix: found.matrix, grants: found.grants, ownCase: found.ownCase };
    this.grants = found.grants;
    this.matrixVersion = found.matrixVersion;
  }

  /** What the policy says. */
  decide(action: Action, asked: Pick<Asked, 'purpose' | 'redacted'> = {}): Decision {
    const { purpose, redacted } = asked;
    const context = {
      ...this.#context,
      ...(purpose ? { purpose } : {}),
      ...(redacted === undefined ? {} : { redacted }),
    };
    return decide(this.#actor, action, this.#item, context);
  }

  /** Purposes that, once given, would allow what is not allowed without one. */
  purposesFor(action: Action): readonly Purpose[] {
    if (this.decide(action).outcome !== 'needApproval') return [];
    return purposes.filter((purpose) => this.decide(action, { purpose }).outcome === 'allow');
  }

  /** The same as a page shows it. */
  permission(action: Action, asked: Pick<Asked, 'redacted'> = {}): ItemPermission {
    const decision = this.decide(action, asked);
    const { outcome, rule } = decision;
    const id = decision.outcome === 'allow' ? decision.authorisation : undefined;
    const grant = this.grants.find((each) => each.id === id);
    return {
      allowed: outcome === 'allow',
      outcome,
      rule,
      approvers: decision.outcome === 'needApproval' ? [...decision.by] : [],
      purposes: [...this.purposesFor(action)],
      grant: grant ? { id: grant.id, until: grant.until.toISOString(), usesLeft: grant.usesLeft } : null,
    };
  }
}

/** Reads what decides about the person and the item now. */
export async function judge(
  { catalog, clock }: Pick<Access, 'catalog' | 'clock'>,
  person: Person,
  item: DecidedItem,
  inUse?: string | null,
): Promise<Judgement> {
  const query = { account: person.account.id, evidence: item.id, now: clock.now(), ...(inUse ? { inUse } : {}) };
  const found = await findCircumstances(catalog, query);
  const matrix = await matrixOf(catalog, found.matrixVersion);
  return new Judgement(asActor(person), item, { ...found, matrix });
}

/** Versions never change, so what was read once is right for ever; which one holds is asked for each decision. */
const known = new WeakMap<Database, { readonly version: number; readonly rows: Matrix }>();

/** The changeable rows of one version of the matrix, and those that it inherits. */
export async function matrixOf(catalog: Database, version: number): Promise<Matrix> {
  if (version === 0) return defaultMatrix;
  const remembered = known.get(catalog);
  if (remembered?.version === version) return remembered.rows;
  const stored = await findMatrix(catalog, version);
  if (!stored) throw new Error(`Version ${version} of the access matrix is gone`);
  const rows = [...stored.rows, ...inheritedRows(stored)];
  known.set(catalog, { version, rows });
  return rows;
}
