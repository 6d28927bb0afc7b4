import { type CSSProperties, type KeyboardEvent, type PointerEvent, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { between, type DraftMark, type DraftPlace, type Rectangle, within } from './draft-marks.ts';

interface DrawingLayerProps {
  readonly marks: readonly DraftMark[];
  readonly selected: string | null;
  readonly positionMs: number;
  /** width by height of the picture */
  readonly aspect: number;
  readonly readOnly: boolean;
  readonly onDraw: (place: Rectangle) => void;
  readonly onSelect: (key: string) => void;
  readonly onMove: (key: string, place: Rectangle) => void;
  readonly onRemove: (key: string) => void;
}

interface Point {
  readonly x: number;
  readonly y: number;
}

type Drag =
  | { readonly kind: 'draw'; readonly start: Point; readonly now: Point }
  | { readonly kind: 'move'; readonly key: string; readonly offset: Point; readonly place: Rectangle }
  | { readonly kind: 'size'; readonly key: string; readonly fixed: Point };

/** share of the picture that an arrow key moves or sizes by */
const step = 0.005;

/** Lies over the picture exactly: what is covered now is shown covered, and dragging covers more. */
export function DrawingLayer(props: DrawingLayerProps) {
  const { marks, selected, positionMs, aspect, readOnly } = props;
  const { t } = useTranslation();
  const layer = useRef<HTMLDivElement>(null);
  const fit = useFit(layer, aspect);
  const [drag, setDrag] = useState<Drag | null>(null);
  const shown = marks.filter(
    (mark) =>
      mark.kind === 'area' ||
      ((mark.kind === 'region' || mark.kind === 'picture') &&
        ((mark.from <= positionMs && positionMs < mark.to) || mark.key === selected)),
  );
  const pointOf = (event: PointerEvent): Point => {
    const box = layer.current?.getBoundingClientRect();
    if (!box) return { x: 0, y: 0 };
    const part = (value: number) => Math.min(1, Math.max(0, value));
    return { x: part((event.clientX - box.left) / box.width), y: part((event.clientY - box.top) / box.height) };
  };
  const begin = (event: PointerEvent, next: Drag) => {
    if (readOnly || event.button !== 0) return;
    event.stopPropagation();
    // Or the browser would select text and drag the picture.
    event.preventDefault();
    layer.current?.setPointerCapture(event.pointerId);
    setDrag(next);
  };
  const move = (event: PointerEvent) => {
    if (!drag) return;
    const now = pointOf(event);
    if (drag.kind === 'draw') setDrag({ ...drag, now });
    if (drag.kind === 'move')
      props.onMove(drag.key, within({ ...drag.place, x: now.x - drag.offset.x, y: now.y - drag.offset.y }));
    if (drag.kind === 'size') props.onMove(drag.key, between(drag.fixed, now));
  };
  const end = () => {
    if (drag?.kind === 'draw') {
      const place = between(drag.start, drag.now);
      // A click is no drawing.
      if (Math.abs(drag.start.x - drag.now.x) > 0.01 && Math.abs(drag.start.y - drag.now.y) > 0.01) props.onDraw(place);
    }
    setDrag(null);
  };
  const drawn = drag?.kind === 'draw' ? between(drag.start, drag.now) : null;
  return (
    <div className="drawing-room">
      <div
        ref={layer}
        className={readOnly ? 'drawing' : 'drawing open'}
        style={fit}
        title={readOnly ? undefined : t('redaction.draw')}
        onPointerDown={(event) => {
          const start = pointOf(event);
          begin(event, { kind: 'draw', start, now: start });
        }}
        onPointerMove={move}
        onPointerUp={end}
        onPointerCancel={() => setDrag(null)}
      >
        {shown.map((mark) =>
          mark.kind === 'region' || mark.kind === 'area' ? (
            <Region
              key={mark.key}
              mark={mark}
              n={marks.indexOf(mark) + 1}
              active={mark.key === selected}
              readOnly={readOnly}
              onSelect={() => props.onSelect(mark.key)}
              onPlace={(place) => props.onMove(mark.key, place)}
              onRemove={() => props.onRemove(mark.key)}
              onGrab={(event) => {
                props.onSelect(mark.key);
                const at = pointOf(event);
                const offset = { x: at.x - mark.x, y: at.y - mark.y };
                begin(event, { kind: 'move', key: mark.key, offset, place: mark });
              }}
              onSize={(event, fixed) => begin(event, { kind: 'size', key: mark.key, fixed })}
            />
          ) : (
            <div key={mark.key} className={`cover whole ${'style' in mark ? mark.style : ''}`} aria-hidden="true" />
          ),
        )}
        {drawn && <div className="cover drawn" style={placeOf(drawn)} />}
      </div>
    </div>
  );
}

interface RegionProps {
  readonly mark: DraftPlace;
  readonly n: number;
  readonly active: boolean;
  readonly readOnly: boolean;
  readonly onSelect: () => void;
  readonly onPlace: (place: Rectangle) => void;
  readonly onRemove: () => void;
  readonly onGrab: (event: PointerEvent) => void;
  readonly onSize: (event: PointerEvent, fixed: Point) => void;
}

function Region({ mark, n, active, readOnly, onSelect, onPlace, onRemove, onGrab, onSize }: RegionProps) {
  const { t } = useTranslation();
  const onKey = (event: KeyboardEvent) => {
    const change = readOnly ? undefined : keyed(event, mark);
    if (change) onPlace(within(change));
    else if (!readOnly && (event.key === 'Delete' || event.key === 'Backspace')) onRemove();
    else return;
    // The player has shortcuts of its own.
    event.preventDefault();
    event.stopPropagation();
  };
  const { x, y, w, h } = mark;
  const corners = [
    ['nw', { x: x + w, y: y + h }],
    ['ne', { x, y: y + h }],
    ['sw', { x: x + w, y }],
    ['se', { x, y }],
  ] as const;
  return (
    <button
      type="button"
      className={`cover ${mark.style}${active ? ' active' : ''}`}
      style={placeOf(mark)}
      aria-label={t('redaction.regionOf', { n })}
      aria-pressed={active}
      onFocus={onSelect}
      onKeyDown={onKey}
      onPointerDown={onGrab}
    >
      <span className="cover-number">{n}</span>
      {active &&
        !readOnly &&
        corners.map(([corner, fixed]) => (
          <span
            key={corner}
            className={`cover-handle ${corner}`}
            aria-hidden="true"
            onPointerDown={(event) => onSize(event, fixed)}
          />
        ))}
    </button>
  );
}

function keyed({ key, shiftKey }: KeyboardEvent, { x, y, w, h }: Rectangle): Rectangle | undefined {
  const by = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] }[key];
  if (!by) return undefined;
  const [across = 0, down = 0] = by;
  return shiftKey ? { x, y, w: w + across, h: h + down } : { x: x + across, y: y + down, w, h };
}

const placeOf = ({ x, y, w, h }: Rectangle): CSSProperties => ({
  left: `${x * 100}%`,
  top: `${y * 100}%`,
  width: `${w * 100}%`,
  height: `${h * 100}%`,
});

/** The layer as large as the picture is in its frame, which may leave bars at its sides. */
function useFit(layer: React.RefObject<HTMLDivElement | null>, aspect: number): CSSProperties {
  const [size, setSize] = useState<CSSProperties>({ inset: 0 });
  useEffect(() => {
    const room = layer.current?.parentElement;
    if (!room) return;
    const measure = () => {
      const { clientWidth, clientHeight } = room;
      const width = Math.min(clientWidth, clientHeight * aspect);
      setSize({ width, height: width / aspect });
    };
    const watch = new ResizeObserver(measure);
    watch.observe(room);
    measure();
    return () => watch.disconnect();
  }, [layer, aspect]);
  return size;
}
