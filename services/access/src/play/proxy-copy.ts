import { type Database, findPlayableRender, findReadyDerivative } from '@fengcun/catalog';
import type { ProxyIndex, StillIndex } from '@fengcun/media';
import { type ObjectVersion, parseObjectKey } from '@fengcun/vault';

/** What is shown of a recording or a still picture: where its pieces are, and the one object they are in. */
export interface ProxyCopy {
  readonly index: ProxyIndex | StillIndex;
  readonly object: ObjectVersion;
}

interface Shown {
  readonly evidence: string;
  /** the rendering of a redacted version that is shown instead */
  readonly render: string | null;
}

/** The copy, or undefined while there is none that is ready. */
export async function findProxyCopy(catalog: Database, { evidence, render }: Shown): Promise<ProxyCopy | undefined> {
  if (render !== null) {
    const made = await findPlayableRender(catalog, render);
    if (made?.evidence !== evidence) return undefined;
    return {
      index: made.index as ProxyCopy['index'],
      object: { ...made.object, key: parseObjectKey(made.object.key) },
    };
  }
  const ready = await findReadyDerivative(catalog, evidence, 'proxy');
  if (!ready?.object) return undefined;
  const { key, versionId, size } = ready.object;
  // Written by the worker from the answer of `makeProxy` or `makeStill` and by nobody else.
  return { index: ready.data as ProxyCopy['index'], object: { key: parseObjectKey(key), versionId, size } };
}

/** Remembers the copies that are being played: an index is tens of kilobytes of JSON, and every segment needs it. */
export class ProxyCopies {
  readonly #catalog: Database;
  readonly #capacity: number;
  readonly #byPlay = new Map<string, ProxyCopy>();

  constructor(catalog: Database, capacity = 100) {
    this.#catalog = catalog;
    this.#capacity = capacity;
  }

  /** The copy that this play began with. */
  async of(play: Shown & { readonly id: string }): Promise<ProxyCopy | undefined> {
    const known = this.#byPlay.get(play.id);
    if (known) return known;
    const copy = await findProxyCopy(this.#catalog, play);
    if (!copy) return undefined;
    const [oldest] = this.#byPlay.keys();
    if (this.#byPlay.size >= this.#capacity && oldest !== undefined) this.#byPlay.delete(oldest);
    this.#byPlay.set(play.id, copy);
    return copy;
  }

  forget(play: string): void {
    this.#byPlay.delete(play);
  }
}
