import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { type ConsoleUnderTest, closeBrowser, openConsole, patiently } from '../../../testing/console-under-test.ts';
import { units, uuidOf } from '../../../testing/people.ts';

describe('the register of devices', () => {
  let opened: ConsoleUnderTest;
  const dialog = () => opened.page.getByRole('dialog');
  const deviceOf = (serial: string) => {
    const device = opened.site.world.devices.find((each) => each.serial === serial);
    if (!device) throw new Error(`The fake site has no device ${serial}.`);
    return device;
  };
  const open = async (path: string, as = 'yunwei') => {
    opened = await openConsole(path, { as });
  };
  afterEach(async () => {
    expect(opened.faults).toEqual([]);
    await opened.close();
  });
  afterAll(closeBrowser);

  it('points out devices that nobody has registered, and registers one in the row where it stands', async () => {
    await open('/admin/devices');
    const { page } = opened;
    await page.getByText('有 1 台设备未登记').waitFor();
    await page.getByRole('button', { name: '查看未登记设备' }).click();
    await page.waitForURL((url) => url.searchParams.get('state') === 'unregistered');
    await page.getByRole('button', { name: '登记设备 XC-77120' }).click();
    await dialog().getByText('由“城东所 1 号采集站”上报').waitFor();
    await dialog().getByRole('button', { name: '登记', exact: true }).click();
    await page.getByText('没有符合条件的设备').waitFor();
    expect(deviceOf('XC-77120')).toMatchObject({ state: 'in_use', kind: 'body_camera', unit: units.east });
  });

  it('takes a new device, its holder chosen among those of its unit', async () => {
    await open('/admin/devices');
    const { page } = opened;
    await page.getByRole('button', { name: '登记设备', exact: true }).click();
    await dialog().getByRole('textbox', { name: '编号' }).fill(' DSJ-V8-300001 ');
    await dialog().getByRole('textbox', { name: '名称' }).fill('执法记录仪 300001');
    await dialog().getByRole('combobox', { name: '领用人' }).fill('李捷');
    await page.getByTitle('李捷 330254').click();
    await dialog().getByRole('button', { name: '登记设备' }).click();
    await page.getByRole('heading', { name: 'DSJ-V8-300001 执法记录仪 300001' }).waitFor();
    expect(deviceOf('DSJ-V8-300001')).toMatchObject({ holder: { name: '李捷' }, model: null });
  });

  it('hands a device to another unit after somebody else has renamed it, and loses neither change', async () => {
    await open(`/admin/devices/${uuidOf('device 1')}`);
    const { page } = opened;
    await page.getByRole('button', { name: '修改', exact: true }).click();
    expect(await dialog().getByRole('textbox', { name: '编号' }).count()).toBe(0);
    await dialog().getByRole('combobox', { name: '所属单位' }).fill('交通');
    await page.getByTitle(units.traffic.name).last().click();
    Object.assign(deviceOf('DSJ-V8-210377'), { name: '城东 1 号', revision: 2 });
    await dialog().getByRole('button', { name: '提交' }).click();
    await dialog().getByText('城东 1 号').waitFor();
    await dialog().getByRole('button', { name: '采用其修改并继续' }).click();
    await dialog().getByRole('button', { name: '提交' }).click();
    await page.getByText(`所属单位：${units.east.name} → ${units.traffic.name}`).waitFor();
    expect(deviceOf('DSJ-V8-210377')).toMatchObject({ name: '城东 1 号', unit: units.traffic });
  });

  it('notes a device as lost, with the reason in its history', async () => {
    await open(`/admin/devices/${uuidOf('device 1')}`);
    const { page } = opened;
    await page.getByRole('button', { name: '报失' }).click();
    await dialog().getByText('录像照常接收，并发出告警').waitFor();
    await dialog().getByRole('textbox', { name: '理由' }).fill('执勤途中遗失');
    await dialog().getByRole('button', { name: '报失' }).click();
    await page.getByText('理由：执勤途中遗失').waitFor();
    await page.getByText('在用 → 丢失').waitFor();
    await page.getByRole('button', { name: '恢复使用' }).waitFor();
  });

  it('gives a dock whose code ran out another one, shown once with its command', async () => {
    await open('/admin/docks', 'anquan');
    const { page } = opened;
    await page.getByText('登记码已过期').waitFor();
    await page.getByRole('button', { name: '新登记码' }).click();
    await page.getByRole('dialog').getByRole('button', { name: '新登记码' }).click();
    await page.getByText(`fengcun-dock enroll ${new URL(page.url()).origin} R3QD-2MXV-9T4P-HC6S`).waitFor();
    await page.getByRole('button', { name: '我已记下' }).click();
    await expect.poll(() => page.getByText('R3QD-2MXV-9T4P-HC6S').count(), patiently).toBe(0);
    await page.locator('.dock-line', { hasText: '城东所' }).getByRole('button', { name: '修改' }).click();
    await dialog().getByRole('textbox', { name: '名称' }).fill('城东所前台采集站');
    await dialog().getByRole('button', { name: '提交' }).click();
    await page.getByText('城东所前台采集站').first().waitFor();
  });
});
