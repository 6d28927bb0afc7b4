import { connect, offerSetUp } from '@fengcun/catalog';
import { exitOnConfigError, readConfig, systemClock, url } from '@fengcun/runtime';

/**
 * Prints the one-time code for the first security administrator of an empty site whose services run one by one:
 * `FENGCUN_OWNER_URL=postgres://owner@... node services/access/src/set-up/main.ts`.
 */
await exitOnConfigError(async () => {
  const { ownerUrl } = readConfig(process.env, {
    ownerUrl: url('FENGCUN_OWNER_URL', ['postgres', 'postgresql'], { secret: true }),
  });
  const owner = connect({ url: ownerUrl, name: 'fengcun-set-up', max: 1 });
  try {
    const code = await offerSetUp(owner, systemClock);
    process.stdout.write(code === undefined ? 'This site has accounts already.\n' : `${code}\n`);
  } finally {
    await owner.destroy();
  }
});
