/** Receipts that verify, for tests in other rooms; see `@fengcun/tlog/testing` for the log behind them. */
export { type MockReceipt, type MockSeal, mockContent, mockReceipt, mockSealedEvent } from './mock-receipt.ts';
