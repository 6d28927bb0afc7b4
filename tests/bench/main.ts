import { parseArgs } from 'node:util';
import { benchIngest } from './ingest.ts';
import { benchLedger } from './ledger.ts';
import { benchList } from './list.ts';
import { benchPlayable } from './playable.ts';
import { benchS3 } from './s3.ts';

const mib = 2 ** 20;
const { values } = parseArgs({ options: { only: { type: 'string' }, quick: { type: 'boolean', default: false } } });
const rounds = values.quick ? 1 : 5;

/** Every figure of the product, by name: `--only ledger,list`. */
const benches: Readonly<Record<string, () => Promise<void>>> = {
  file: () => benchIngest({ files: 1, size: 2048 * mib, rounds }),
  files: () => benchIngest({ files: 8, size: 256 * mib, rounds }),
  playable: () => benchPlayable(rounds),
  list: () => benchList(1_000_000),
  ledger: () => benchLedger(values.quick ? 4_000 : 40_000, rounds),
  s3: () => benchS3({ size: 1024 * mib, rounds, reads: values.quick ? 50 : 400 }),
};

const wanted = values.only?.split(',') ?? Object.keys(benches);
for (const name of wanted) {
  const bench = benches[name];
  if (!bench) {
    process.stderr.write(`There is no benchmark "${name}"; there are ${Object.keys(benches).join(', ')}.\n`);
    process.exit(2);
  }
  await bench();
}
