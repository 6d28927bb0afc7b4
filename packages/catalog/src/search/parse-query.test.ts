import { describe, expect, it } from 'vitest';
import { parseQuery } from './parse-query.ts';

describe('the words of a search box', () => {
  it.each<[string, string[]]>([
    ['城管执法现场检查', ['城管', '执法', '现场', '检查']],
    ['查封扣押财物', ['查封', '扣押', '财物']],
    ['送达行政处罚决定书', ['送达', '行政', '处罚', '决定书']],
    ['询问当事人张三', ['询问', '当事人', '张三']],
    ['执法记录仪视频', ['执法', '记录仪', '视频']],
    ['王主任', ['王主任']],
    ['龙泉加油站77', ['龙泉', '加油站', '77']],
    ['豫商执罚字〔2026〕第7号', ['豫商执罚字', '2026', '第7号']],
    ['京A12345', ['京a12345']],
    ['李', ['李']],
    ['DSJ-V8现场', ['dsj-v8', '现场']],
    ['rec_2026 MP4', ['rec_2026', 'mp4']],
    ['“现场检查 张三” 人民路', ['现场检查 张三', '人民路']],
    ['"现场  检查', ['现场 检查']],
    ['ＤＳＪ－Ｖ８　１２', ['dsj-v8', '12']],
    ['#7 - 。', ['7']],
    ['现场 现场', ['现场']],
    ['\u{2a6d6}山', ['\u{2a6d6}山']],
    ['现场😀', ['现场😀']],
    ['""', []],
  ])('%s', (text, words) => {
    expect(parseQuery(text)).toEqual(words);
  });

  it('says that there are too many rather than leave some out', () => {
    const text = Array.from({ length: 17 }, (_, n) => `word${n}`).join(' ');
    expect(() => parseQuery(text)).toThrow(/17 words, at most 16/);
  });
});
