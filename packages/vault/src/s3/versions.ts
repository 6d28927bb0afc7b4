import {
  type DeleteMarkerEntry,
  type ObjectVersion as EngineVersion,
  ListObjectVersionsCommand,
} from '@aws-sdk/client-s3';
import type { Engine } from './engine.ts';

export interface VersionPage {
  readonly versions: readonly EngineVersion[];
  readonly markers: readonly DeleteMarkerEntry[];
}

/** where a page of a list begins */
interface PageStart {
  readonly KeyMarker?: string;
  readonly VersionIdMarker?: string;
}

/** Every version and delete marker below a prefix, page by page. */
export async function* listVersions(engine: Engine, bucket: string, prefix: string): AsyncGenerator<VersionPage> {
  let next: PageStart | null = {};
  while (next !== null) {
    const after: PageStart = next;
    const page = await engine.call('Listing versions', 'repeatable', (client, abort) =>
      client.send(new ListObjectVersionsCommand({ Bucket: bucket, Prefix: prefix, ...after }), abort),
    );
    yield { versions: page.Versions ?? [], markers: page.DeleteMarkers ?? [] };
    const { IsTruncated, NextKeyMarker, NextVersionIdMarker } = page;
    next =
      IsTruncated === true && NextKeyMarker !== undefined
        ? {
            KeyMarker: NextKeyMarker,
            ...(NextVersionIdMarker === undefined ? {} : { VersionIdMarker: NextVersionIdMarker }),
          }
        : null;
  }
}

/** The versions of exactly one key, oldest first. */
export async function versionsOf(
  engine: Engine,
  { Bucket, Key }: { readonly Bucket: string; readonly Key: string },
): Promise<readonly EngineVersion[]> {
  const found: EngineVersion[] = [];
  for await (const { versions } of listVersions(engine, Bucket, Key)) {
    found.push(...versions.filter((version) => version.Key === Key));
    // Keys come in order: once another one appears, ours is done.
    if (versions.some((version) => version.Key !== Key)) break;
  }
  // The engine lists the latest first.
  return found.reverse();
}
