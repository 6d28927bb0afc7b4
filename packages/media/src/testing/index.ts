export { type ClipKind, clipKinds, makeClip } from './clips.ts';
export { type HeldProxy, serveProxy } from './serve-proxy.ts';
export { makeShowClip, type ShowClip } from './show-clips.ts';
