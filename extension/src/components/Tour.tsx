/** The guided tour: a small dialog beside what it speaks of. Escape or "Skip" ends it. */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { IStop } from '../models/tour';

const WIDTH = 320;
const MARGIN = 12;

export interface ITourProps {
  stops: IStop[];
  trans: TranslationBundle;
  onEnd: () => void;
}

export function Tour({ stops, trans, onEnd }: ITourProps): React.ReactElement | null {
  const [at, setAt] = React.useState(0);
  const next = React.useRef<HTMLButtonElement>(null);
  const stop = stops[at];
  React.useEffect(() => next.current?.focus(), [at]);
  if (!stop) {
    return null;
  }
  const last = at === stops.length - 1;
  return (
    <>
      <Ring selector={stop.selector} />
      <div
        className="jp-KernelGuard-tour"
        role="dialog"
        aria-labelledby="kernel-guard-tour-title"
        aria-describedby="kernel-guard-tour-text"
        style={position(document.querySelector(stop.selector))}
        onKeyDown={event => event.key === 'Escape' && onEnd()}
      >
        <h3 id="kernel-guard-tour-title">{stop.title}</h3>
        <p id="kernel-guard-tour-text">{stop.text}</p>
        <p className="jp-KernelGuard-actions">
          <button className="jp-mod-styled jp-mod-minimal" onClick={onEnd}>
            {trans.__('Skip the tour')}
          </button>
          {at > 0 && (
            <button className="jp-mod-styled" onClick={() => setAt(at - 1)}>
              {trans.__('Back')}
            </button>
          )}
          <button ref={next} className="jp-mod-styled jp-mod-accept" onClick={() => (last ? onEnd() : setAt(at + 1))}>
            {last ? trans.__('Done') : trans.__('Next')}
          </button>
        </p>
      </div>
    </>
  );
}

function Ring({ selector }: { selector: string }): React.ReactElement | null {
  const box = document.querySelector(selector)?.getBoundingClientRect();
  return box ? (
    <div
      className="jp-KernelGuard-ring"
      aria-hidden="true"
      style={{ left: box.left - 2, top: box.top - 2, width: box.width, height: box.height }}
    />
  ) : null;
}

/** Beside the target where there is room, always inside the window. */
function position(target: Element | null): React.CSSProperties {
  const box = target?.getBoundingClientRect();
  if (!box) {
    return { left: MARGIN, top: MARGIN, width: WIDTH };
  }
  const beside = box.right + MARGIN + WIDTH < window.innerWidth ? box.right + MARGIN : box.left - MARGIN - WIDTH;
  const left = Math.min(Math.max(MARGIN, beside), window.innerWidth - WIDTH - MARGIN);
  const top = Math.min(Math.max(MARGIN, box.top), window.innerHeight - 240);
  return { left, top, width: WIDTH };
}
