import { parseArgs } from 'node:util';
import { benchIngest } from './ingest.ts';
import { benchLedger } from './ledger.ts';
import { benchList } from './list.ts';
import { benchPlayable } from './playable.ts';
import { benchS3 } from './s3.ts';

const mib = 2 ** 20;
const { values } = optionsOf(process.argv.slice(2));
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
const unknown = wanted.find((name) => !Object.hasOwn(benches, name));
if (unknown !== undefined)
  endWithUsage(`There is no benchmark "${unknown}"; there are ${Object.keys(benches).join(', ')}.`);
for (const name of wanted) await benches[name]?.();

function optionsOf(args: string[]) {
  try {
    return parseArgs({ args, options: { only: { type: 'string' }, quick: { type: 'boolean', default: false } } });
  } catch (error) {
    return endWithUsage(`${error instanceof Error ? error.message : error} See ./scripts/bench --help.`);
  }
}

function endWithUsage(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(2);
}
