/**
 * The planner of the next question: error against ε, the expected table on mock data, and the call to insert.
 *
 * - Fetching a curve is free and touches no data; only the cell that the researcher runs spends.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { epsilonFor, errorAt, type ICurve, measuresOf, roundEpsilon } from '../models/planner';
import { formatError } from '../models/release';
import type { IGuardError } from '../tokens';

import { Curve } from './Curve';
import { ExpectedTable } from './ExpectedTable';
import { Problem } from './Problem';
import { Words } from './Words';

export interface IPlannerActions {
  /** The curve of the question in the active cell. */
  plan: () => Promise<ICurve>;
  /** Put this call at the end of that question. */
  insert: (call: string) => void;
}

export function Planner({ actions, trans }: { actions: IPlannerActions; trans: TranslationBundle }): React.ReactElement {
  const [curve, setCurve] = React.useState<ICurve | undefined>();
  const [error, setError] = React.useState<IGuardError | undefined>();
  const [busy, setBusy] = React.useState(false);
  const plan = () => {
    setBusy(true);
    setError(undefined);
    actions
      .plan()
      .then(setCurve, reason => {
        setCurve(undefined);
        setError(reason as IGuardError);
      })
      .finally(() => setBusy(false));
  };
  return (
    <section className="jp-KernelGuard-planner">
      <h3>{trans.__('Plan the next question')}</h3>
      <button className="jp-mod-styled" disabled={busy} onClick={plan}>
        {busy ? trans.__('Asking for prices…') : trans.__('Plan the active cell')}
      </button>
      {!curve && !error && (
        <p className="jp-KernelGuard-quiet">
          {trans.__('Click into a cell that holds a question, such as person.groupby("gender_concept_id").count_patients(). Planning is free.')}
        </p>
      )}
      {error && <Problem error={error} trans={trans} />}
      {curve && <Planned key={curve.words} curve={curve} insert={actions.insert} trans={trans} />}
    </section>
  );
}

interface IPlannedProps {
  curve: ICurve;
  insert: (call: string) => void;
  trans: TranslationBundle;
}

function Planned({ curve, insert, trans }: IPlannedProps): React.ReactElement {
  const measures = measuresOf(curve);
  const [measure, setMeasure] = React.useState(measures[0] ?? '');
  const [low, high] = [curve.points[0]?.epsilon ?? 0.1, curve.points[curve.points.length - 1]?.epsilon ?? 1];
  const [epsilon, setEpsilon] = React.useState(() => roundEpsilon(Math.sqrt(low * high)));
  const error = measure ? errorAt(curve.points, measure, epsilon) : NaN;
  const choose = (wanted: number) => {
    if (wanted > 0) {
      setEpsilon(roundEpsilon(Math.min(high, Math.max(low, wanted))));
    }
  };
  const left = Number(curve.budget?.epsilon.left ?? NaN);
  return (
    <>
      <p>
        <Words words={curve.words} trans={trans} />
      </p>
      {curve.problem && <Problem error={{ code: '', ...curve.problem }} trans={trans} />}
      {curve.advice?.map(text => (
        <p key={text} className="jp-KernelGuard-quiet">
          {trans.__('Tip: %1', text)}
        </p>
      ))}
      {measures.length > 1 && (
        <select
          className="jp-mod-styled"
          value={measure}
          aria-label={trans.__('Measure whose error is shown')}
          onChange={event => setMeasure(event.target.value)}
        >
          {measures.map(name => (
            <option key={name}>{name}</option>
          ))}
        </select>
      )}
      {measure && (
        <>
          <Curve curve={curve} measure={measure} epsilon={epsilon} error={error} trans={trans} />
          <label>
            {trans.__('ε')}
            <input
              type="range"
              min={Math.log(low)}
              max={Math.log(high)}
              step="any"
              value={Math.log(epsilon)}
              aria-valuetext={trans.__('ε %1, error plus or minus %2', epsilon, formatError(error))}
              onChange={event => choose(Math.exp(Number(event.target.value)))}
            />
            <output>{epsilon}</output>
          </label>
          <WishedError error={error} trans={trans} onWish={wished => choose(epsilonFor(curve.points, measure, wished))} />
          <p role="status">
            {trans.__('%1 will be within ± %2 in 95 of 100 cases.', measure, formatError(error))}{' '}
            {left > 0 &&
              trans._n('Enough is left for %1 such question.', 'Enough is left for %1 such questions.', Math.floor(left / epsilon + 1e-9))}
          </p>
          <ExpectedTable mock={curve.mock} measure={measure} error={error} trans={trans} />
        </>
      )}
      <p className="jp-KernelGuard-actions">
        {measure && (
          <button className="jp-mod-styled jp-mod-accept" onClick={() => insert(`.release(epsilon=${epsilon})`)}>
            {trans.__('Insert .release(epsilon=%1)', epsilon)}
          </button>
        )}
        {curve.exact && (
          <button className="jp-mod-styled" onClick={() => insert('.release()')}>
            {trans.__('Insert .release(): exact, small cells masked, no ε')}
          </button>
        )}
      </p>
    </>
  );
}

interface IWishedErrorProps {
  error: number;
  trans: TranslationBundle;
  onWish: (wished: number) => void;
}

/** The wished error: what is being typed stays as typed until the field is left. */
function WishedError({ error, trans, onWish }: IWishedErrorProps): React.ReactElement {
  const [typed, setTyped] = React.useState<string | undefined>();
  return (
    <label>
      {trans.__('Wished error ±')}
      <input
        type="number"
        className="jp-mod-styled"
        min={0}
        step="any"
        value={typed ?? Number(error.toPrecision(2))}
        onChange={event => {
          setTyped(event.target.value);
          onWish(Number(event.target.value));
        }}
        onBlur={() => setTyped(undefined)}
      />
    </label>
  );
}
