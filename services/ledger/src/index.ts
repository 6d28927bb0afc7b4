export { type LedgerConfig, ledgerSettings, readLedgerSettings } from './config/config.ts';
export { LedgerError, type LedgerErrorCode } from './errors.ts';
export { type LedgerServiceOptions, ledgerService } from './ledger-service.ts';
