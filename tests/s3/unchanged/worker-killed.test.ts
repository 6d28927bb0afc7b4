import { useVault } from '../../product/test-vault.ts';

// The same tests, word for word, on the product that keeps recordings on S3.
useVault('s3');
await import('../../chaos/worker-killed.test.ts');
