import { defineFindings } from './define.ts';

/** Why there is nothing to play, or why a playing version or a copy could not be made. */
export const mediaFindings = defineFindings({
  play_empty_file: { facts: {}, zh: '文件没有任何内容（0 字节）。', en: 'The file has no bytes.' },
  play_document: {
    facts: { format: 'text' },
    zh: '这是文档（{format}），不是录音录像。',
    en: 'A document ({format}), not a recording.',
  },
  play_image: { facts: { format: 'text' }, zh: '这是静态图片（{format}）。', en: 'A still picture ({format}).' },
  play_not_media: {
    facts: {},
    zh: '文件中没有可识别的图像、声音或视频。',
    en: 'Not a picture, sound or video that is known here.',
  },
  play_no_moov: {
    facts: {},
    zh: 'MP4 缺少索引（moov）：记录仪在写完文件前就停止了。',
    en: 'An MP4 without its index (moov): the recorder stopped before it could close the file.',
  },
  play_truncated: {
    facts: {},
    zh: '文件在出现第一帧图像或声音之前就中断了。',
    en: 'The file ends before its first picture or sound.',
  },
  play_corrupt: {
    facts: {},
    zh: '媒体容器损坏，内容无法读取。',
    en: 'A media container whose contents cannot be read.',
  },
  play_no_video: { facts: {}, zh: '录音录像中没有画面。', en: 'The recording has no picture.' },
  play_no_audio: { facts: {}, zh: '录音录像中没有声音。', en: 'The recording has no sound.' },
  play_disposed: {
    facts: {},
    zh: '内容已销毁；摘要和历史保留。',
    en: 'The content was disposed of; its digests and history are kept.',
  },
  probe_failed: { facts: {}, zh: '未能分析这个录音录像。', en: 'The recording could not be examined.' },
  media_tool_missing: {
    facts: { said: 'said' },
    zh: '服务器上缺少所需的媒体工具（ffmpeg）。',
    en: 'A media tool that is needed (ffmpeg) is not on the server.',
  },
  media_font_missing: {
    facts: { said: 'said' },
    zh: '服务器上没有中文字体，无法在画面中压印文字。',
    en: 'There is no Chinese font on the server, so nothing can be burnt into the picture.',
  },
  media_not_media: {
    facts: { said: 'said' },
    zh: '文件中没有可显示或可播放的内容。',
    en: 'Nothing in the file can be shown or heard.',
  },
  media_no_progress: {
    facts: { said: 'said' },
    zh: '媒体工具停滞不前，已被终止。',
    en: 'The media tool stopped moving and was ended.',
  },
  media_timed_out: {
    facts: { said: 'said' },
    zh: '媒体工具超过了允许的时间，已被终止。',
    en: 'The media tool used up its time and was ended.',
  },
  media_output_too_large: {
    facts: { said: 'said' },
    zh: '媒体工具的输出超过上限，已被终止。',
    en: 'The media tool wrote more than it may and was ended.',
  },
  media_ffmpeg_failed: {
    facts: { said: 'said' },
    zh: '媒体工具报错而终止。',
    en: 'The media tool ended with an error.',
  },
  media_result_wrong: {
    facts: { said: 'said' },
    zh: '生成的文件未通过自检，已弃用。',
    en: 'What was made did not pass its own check and was thrown away.',
  },
  media_io: {
    facts: { said: 'said' },
    zh: '无法读取原件，或无法写入临时目录。',
    en: 'The original could not be read, or the scratch directory not written.',
  },
  attempts_without_end: {
    facts: { attempts: 'number' },
    zh: '尝试了 {attempts} 次都没有结果。',
    en: '{attempts} attempts have come to no end, good or bad.',
  },
  no_original: {
    facts: {},
    zh: '该证据没有可供复制的原件。',
    en: 'The item has no original that could be copied.',
  },
  redaction_gone: {
    facts: {},
    zh: '所依据的脱敏件已撤回或不再可用。请选用其他已审核通过的脱敏件，重新申请副本。',
    en: 'The redacted version it was to be made of was withdrawn or is no longer there. Ask again with another approved one.',
  },
  redaction_differs: {
    facts: { approved: 'text', found: 'text' },
    zh: '存储的脱敏件 SHA-256 为 {found}，审核通过的为 {approved}。没有交出任何内容。',
    en: 'The stored redacted version has the SHA-256 {found}; {approved} was approved. Nothing was handed out.',
  },
  never_examined: {
    facts: {},
    zh: '录音录像从未被分析过，因此无从复制。',
    en: 'The recording was never examined, so nothing is known to copy.',
  },
  original_differs: {
    facts: { sealed: 'text', found: 'text' },
    zh: '存储的原件 SHA-256 为 {found}，封存的为 {sealed}。没有交出任何内容。',
    en: 'The stored original has the SHA-256 {found}; {sealed} was sealed. Nothing was handed out.',
  },
});
