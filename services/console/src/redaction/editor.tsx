import {
  type Evidence,
  isTimed,
  type MarkFault,
  markFaults,
  mostMarks,
  type Redaction,
  type RedactionMark,
} from '@fengcun/contracts';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { App, Button, Form, Input, Segmented } from 'antd';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { client } from '../app/api/client.ts';
import { keys } from '../app/api/keys.ts';
import { ProblemNotice } from '../app/api/problem-notice.tsx';
import { Panel } from '../app/shell/page.tsx';
import { isStill } from '../player/is-still.ts';
import { PlayerPanel } from '../player/player-panel.tsx';
import { type DraftMark, drafted, isSame, marksOf, newMark, type Rectangle } from './draft-marks.ts';
import { DrawingLayer } from './drawing-layer.tsx';
import { MarkFields } from './mark-fields.tsx';
import { MarkList } from './mark-list.tsx';
import { MarkTimeline } from './mark-timeline.tsx';
import { redactionLink } from './redaction-link.ts';
import { ResultPanel } from './result-panel.tsx';

type Mode = 'edit' | 'preview';
const timedKinds = ['region', 'picture', 'sound', 'cut'] as const;
const stillKinds = ['area'] as const;

interface EditorProps {
  readonly evidence: Evidence;
  /** null: not saved yet */
  readonly redaction: Redaction | null;
}

/** Marks on the left over the recording, or the result as it is; on the right what is marked and what becomes of it. */
export function Editor({ evidence, redaction }: EditorProps) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const [form] = Form.useForm<{ name: string }>();
  const [marks, setMarks] = useState<readonly DraftMark[]>(() => drafted(redaction?.plan.marks ?? []));
  const [selected, setSelected] = useState<string | null>(null);
  const [wanted, setMode] = useState<Mode | null>(null);
  const [positionMs, setPosition] = useState(0);
  const [aspect, setAspect] = useState<number | null>(null);
  const media = useRef<HTMLMediaElement | null>(null);
  useNewVersion(redaction, marks, setMarks);

  const recording = redaction?.recording ?? guessed(evidence);
  const { still } = recording;
  const kinds = still ? stillKinds : timedKinds;
  const durationMs = recording.durationMs ?? 0;
  const known = recording.width && recording.height ? recording.width / recording.height : 16 / 9;
  const words = still ? 'redaction.ofStill' : 'redaction';
  const mayChange = redaction ? redaction.may.change : evidence.actions.redact.allowed;
  const changed = !isSame(marks, redaction?.plan.marks ?? []);
  const faults = markFaults(marksOf(marks), recording);
  const watchable = redaction?.may.watch ?? false;
  const mode: Mode = watchable ? (wanted ?? (redaction?.state === 'rejected' || changed ? 'edit' : 'preview')) : 'edit';
  const current = marks.find(({ key }) => key === selected) ?? null;

  const change = (mark: DraftMark) => setMarks((all) => all.map((each) => (each.key === mark.key ? mark : each)));
  const remove = (key: string) => setMarks((all) => all.filter((each) => each.key !== key));
  const add = (kind: RedactionMark['kind'], place?: Rectangle) => {
    const mark = newMark(kind, positionMs, durationMs, place);
    setMarks((all) => [...all, mark]);
    setSelected(mark.key);
  };
  const goTo = (ms: number) => {
    if (media.current) media.current.currentTime = ms / 1000;
  };
  const save = useMutation({
    mutationFn: (name: string | null) =>
      redaction
        ? client.call('saveRedactionPlan', {
            params: { id: redaction.id },
            body: { basedOn: redaction.version, marks: marksOf(marks) },
          })
        : client.call('createRedaction', {
            params: { id: evidence.id },
            body: { name: name ?? '', marks: marksOf(marks), clientId: crypto.randomUUID() },
          }),
    onSuccess: async (saved) => {
      queryClient.setQueryData(keys.redaction(saved.id), saved);
      message.success(t('redaction.saved'));
      await queryClient.invalidateQueries({ queryKey: keys.redactions(evidence.id) });
      if (!redaction) await navigate(redactionLink(evidence.id, saved.id), { replace: true });
    },
  });
  const able = evidence.actions.play.allowed || evidence.actions.play.purposes.length > 0;
  const faulty = new Set(faults.flatMap(({ mark }) => (mark === null ? [] : [mark])));
  const faultsOf = (index: number) => faults.filter(({ mark }) => mark === index).map(({ code }) => code);
  const ofAll = faults.filter((fault): fault is MarkFault => fault.mark === null && marks.length > 0);

  return (
    <div className="redaction-columns">
      <div className="stack">
        {watchable && (
          <Segmented<Mode>
            aria-label={t('redaction.mode')}
            value={mode}
            onChange={setMode}
            options={[
              { value: 'edit', label: t(`${words}.edit`) },
              { value: 'preview', label: t('redaction.preview') },
            ]}
          />
        )}
        {mode === 'preview' && redaction?.render ? (
          <PlayerPanel
            key={redaction.render.id}
            title={t('redaction.preview')}
            evidence={asShown(evidence, redaction)}
            begin={(purpose) =>
              client.call('playRedaction', { params: { id: redaction.id }, body: purpose ? { purpose } : {} })
            }
            onMoment={() => undefined}
            onEnd={() => void queryClient.invalidateQueries({ queryKey: keys.redaction(redaction.id) })}
          />
        ) : (
          <>
            <PlayerPanel
              key="recording"
              evidence={evidence}
              onBegun={({ still: shown }) => setAspect(shown ? shown.width / shown.height : null)}
              onMoment={(state, element) => {
                media.current = element;
                setPosition(state.positionMs);
              }}
              stage={
                recording.hasPicture && (
                  <DrawingLayer
                    marks={marks}
                    selected={selected}
                    positionMs={positionMs}
                    aspect={aspect ?? known}
                    readOnly={!mayChange}
                    onDraw={(place) => add(still ? 'area' : 'region', place)}
                    onSelect={setSelected}
                    onMove={(key, place) => {
                      const mark = marks.find((each) => each.key === key);
                      if (mark?.kind === 'region' || mark?.kind === 'area') change({ ...mark, ...place });
                    }}
                    onRemove={remove}
                  />
                )
              }
            />
            {mayChange && marks.length === 0 && <p className="quiet small redaction-tip">{t(`${words}.openHint`)}</p>}
          </>
        )}
        {still ? (
          <MarkList marks={marks} selected={selected} faulty={faulty} onSelect={({ key }) => setSelected(key)} />
        ) : (
          <MarkTimeline
            marks={marks}
            selected={selected}
            durationMs={durationMs}
            positionMs={mode === 'edit' ? positionMs : null}
            faulty={faulty}
            onSelect={(mark) => {
              setSelected(mark.key);
              if (mode === 'edit' && isTimed(mark)) goTo(mark.from);
            }}
          />
        )}
      </div>
      <div className="stack">
        {redaction && <ResultPanel evidence={evidence} redaction={redaction} changed={changed} />}
        <Panel
          title={t('redaction.marks')}
          tools={<span className="quiet small num">{t('redaction.marksCount', { count: marks.length })}</span>}
        >
          {!able && <p className="redaction-blocked small">{t('redaction.cannotSee')}</p>}
          {marks.length === 0 && <p className="quiet small panel-text">{t(`${words}.noMarks`)}</p>}
          {marks.length > 0 && !current && !(mayChange && mode === 'edit') && (
            <p className="quiet small panel-text">{t(`${words}.pick`)}</p>
          )}
          {mayChange && mode === 'edit' && (
            <div className="redaction-add">
              {kinds.map((kind) => (
                <Button
                  key={kind}
                  size="small"
                  disabled={
                    marks.length >= mostMarks ||
                    (kind === 'sound' ? !recording.hasSound : kind !== 'cut' && !recording.hasPicture)
                  }
                  onClick={() => add(kind)}
                >
                  {t(`redaction.add.${kind}`)}
                </Button>
              ))}
            </div>
          )}
          {current && (
            <MarkFields
              key={current.key}
              mark={current}
              n={marks.indexOf(current) + 1}
              faults={faultsOf(marks.indexOf(current))}
              positionMs={positionMs}
              readOnly={!mayChange}
              onChange={change}
              onRemove={() => remove(current.key)}
            />
          )}
          {ofAll.map(({ code }) => (
            <div key={code} className="mark-fault small" role="alert">
              {t(`redaction.fault.${code}`)}
            </div>
          ))}
          {mayChange && (mode === 'edit' || changed) && (
            <Form form={form} layout="vertical" className="redaction-save" onFinish={({ name }) => save.mutate(name)}>
              {!redaction && (
                <Form.Item
                  name="name"
                  label={t('redaction.name')}
                  rules={[{ required: true, whitespace: true, message: t('common.required') }]}
                >
                  <Input maxLength={100} autoComplete="off" placeholder={t('redaction.namePlaceholder')} />
                </Form.Item>
              )}
              {save.error && <ProblemNotice error={save.error} />}
              <div className="redaction-save-row">
                <span className="quiet small">
                  {changed &&
                    (redaction ? `${t('redaction.unsaved')} ${t('redaction.resetsReview')}` : t('redaction.unsaved'))}
                </span>
                <Button
                  type="primary"
                  htmlType="submit"
                  loading={save.isPending}
                  disabled={!changed || faults.length > 0}
                >
                  {t(redaction ? 'redaction.saveNew' : 'redaction.save')}
                </Button>
              </div>
            </Form>
          )}
        </Panel>
      </div>
    </div>
  );
}

/** What somebody else has saved takes the place of marks that were not touched here. */
function useNewVersion(
  redaction: Redaction | null,
  marks: readonly DraftMark[],
  setMarks: (marks: readonly DraftMark[]) => void,
): void {
  const seen = useRef(redaction?.plan);
  useEffect(() => {
    if (!redaction || seen.current?.version === redaction.plan.version) return;
    const untouched = isSame(marks, seen.current?.marks ?? []);
    seen.current = redaction.plan;
    if (untouched) setMarks(drafted(redaction.plan.marks));
  }, [redaction, marks, setMarks]);
}

/** The item as its redacted version is played: as long as that is, and without pictures of the recording. */
const asShown = (evidence: Evidence, { render }: Redaction): Evidence => ({
  ...evidence,
  durationMs: render?.result?.durationMs ?? evidence.durationMs,
  derivatives: evidence.derivatives.filter(({ kind, reason }) => kind === 'proxy' || reason === 'image'),
});

/** What is known of the recording before the server has been asked about its redacted version. */
function guessed(evidence: Evidence): Redaction['recording'] {
  const lacks = (kind: Evidence['derivatives'][number]['kind'], reason: string) =>
    evidence.derivatives.some((each) => each.kind === kind && each.reason === reason);
  const size = sizeOf(evidence.probe);
  const still = isStill(evidence);
  return {
    durationMs: evidence.durationMs,
    still,
    ...size,
    hasPicture: still || (evidence.kind !== 'audio' && !lacks('poster', 'no-video')),
    hasSound: !still && !lacks('waveform', 'no-audio'),
  };
}

/** Width and height in ffprobe's own document. Rotated recordings are measured by the server once something is saved. */
function sizeOf(probe: unknown): { readonly width: number | null; readonly height: number | null } {
  const { streams } = (probe ?? {}) as { streams?: { width?: unknown; height?: unknown }[] };
  const video = streams?.find(({ width, height }) => typeof width === 'number' && typeof height === 'number');
  return { width: Number(video?.width) || null, height: Number(video?.height) || null };
}
