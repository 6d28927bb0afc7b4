export { layoutOf, type SiteLayout } from './data/layout.ts';
export type { DemoFacts } from './demo/facts.ts';
export { SiteError, type SiteErrorCode } from './errors.ts';
export { type Programs, type Site, type SiteOptions, startSite } from './supervision/site.ts';
export type { VaultChoice } from './vault/choice.ts';
export type { VaultFacts } from './vault/engine.ts';
export { vaultOf } from './vault/reopen.ts';
