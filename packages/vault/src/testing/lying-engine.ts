import type { ProxiedReply, ProxiedRequest, S3Proxy } from './s3-proxy.ts';

/** What an engine may do although it answers every call of Object Lock as if it had one. */
export type Lie =
  /** removes a retained version when asked plainly */
  | 'deletes'
  /** removes it for whoever asks to bypass governance */
  | 'deletes_with_bypass'
  /** removes it when it is one of a list */
  | 'deletes_in_bulk'
  /** removes what is under a legal hold, once nothing else protects it */
  | 'deletes_held'
  /** lets a retention end sooner */
  | 'shortens'
  /** turns COMPLIANCE into GOVERNANCE */
  | 'downgrades'
  /** takes a retention away */
  | 'unlocks'
  /** says that it extended a retention, and did not */
  | 'does_not_extend'
  /** puts new bytes into an old version when its key is written again */
  | 'overwrites'
  /** stops keeping versions */
  | 'suspends'
  /** does not lock what is completed, whatever the bucket's default says */
  | 'ignores_default'
  /** takes bytes that are not what their digest says */
  | 'takes_damage';

/** Makes the engine behind `proxy` lie in one way, and tell the truth in all others. */
export function lie(proxy: S3Proxy, kind: Lie): void {
  const gone = new Set<string>();
  const held = new Set<string>();
  const retention = new Map<string, string>();
  const overwritten = new Map<string, Buffer>();
  let versioning: string | null = null;
  const nameOf = ({ path, query }: ProxiedRequest) => `${path} ${query.get('versionId') ?? ''}`;

  const deletes = (request: ProxiedRequest): boolean => {
    if (request.query.get('versionId') === null) return false;
    if (kind === 'deletes_held') return held.has(nameOf(request));
    const bypassing = request.headers['x-amz-bypass-governance-retention'] === 'true';
    // Only what original-like dummies are: the probe's short-lived ones tell the truth, so that one lie is found by one check.
    const guarded = request.path.includes('/probe/guard/');
    return guarded && (kind === 'deletes' || (kind === 'deletes_with_bypass' && bypassing));
  };
  const takesRetention = (body: string): boolean => {
    const changes = { shortens: /COMPLIANCE/, downgrades: /GOVERNANCE/, unlocks: /^(?!.*<Mode>)/s };
    return kind in changes && changes[kind as keyof typeof changes].test(body);
  };

  const answer = (request: ProxiedRequest): ProxiedReply | null => {
    const { operation, method, path } = request;
    const name = nameOf(request);
    const body = request.body.toString();
    if (gone.has(name)) return { status: 404, body: '<Error><Code>NoSuchVersion</Code></Error>' };
    if (operation === 'DeleteObject' && deletes(request)) {
      gone.add(name);
      return { status: 204 };
    }
    if (operation === 'DeleteObjects' && kind === 'deletes_in_bulk') {
      const key = /<Key>([^<]*)</.exec(body)?.[1];
      const version = /<VersionId>([^<]*)</.exec(body)?.[1];
      gone.add(`${path.replace(/\/$/, '')}/${key} ${version}`);
      return { status: 200, body: '<DeleteResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"/>' };
    }
    if (operation === 'LegalHold' && method === 'PUT') {
      if (body.includes('ON')) held.add(name);
      else held.delete(name);
    }
    if (operation === 'Retention' && method === 'PUT') {
      if (kind === 'does_not_extend') return { status: 200 };
      if (takesRetention(body)) {
        retention.set(name, body);
        return { status: 200 };
      }
    }
    if (operation === 'Retention' && method === 'GET') {
      const set = retention.get(name);
      if (set !== undefined) return { status: 200, body: set };
      if (kind === 'ignores_default' && path.includes('/probe/born/')) {
        return { status: 404, body: '<Error><Code>NoSuchObjectLockConfiguration</Code></Error>' };
      }
    }
    if (operation === 'Versioning' && kind === 'suspends') {
      if (method === 'PUT') versioning = body.includes('Suspended') ? body : null;
      if (method === 'PUT') return { status: 200 };
      if (versioning !== null) return { status: 200, body: versioning };
    }
    if (operation === 'PutObject' && kind === 'overwrites' && path.includes('/probe/guard/'))
      overwritten.set(path, request.body);
    const other = operation === 'GetObject' ? overwritten.get(path) : undefined;
    return other === undefined ? null : { status: 200, body: other };
  };

  const afterwards = (request: ProxiedRequest, reply: ProxiedReply): ProxiedReply =>
    kind === 'takes_damage' && request.operation === 'PutObject' && reply.status === 400
      ? { status: 200, headers: { etag: '"0"' } }
      : reply;
  proxy.pretend({ answer, afterwards });
}
