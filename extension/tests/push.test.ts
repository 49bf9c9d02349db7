/** What the server tells: by name, to a page that is seen, with a sign of life that lets polls rest. */
import type { Event } from '@jupyterlab/services';
import { Signal } from '@lumino/signaling';

import { Push } from '../src/push';

const SCHEMA = 'urn:kernel-guard:changed';

function pushed() {
  const stream = new Signal<unknown, Event.Emission>({});
  const push = new Push(stream as unknown as Event.Stream);
  const heard: string[] = [];
  push.changed.connect((_, topic) => heard.push(topic));
  const say = (what: string, schema_id = SCHEMA) => stream.emit({ schema_id, what } as unknown as Event.Emission);
  return { push, heard, say };
}

function seen(visible: boolean): void {
  Object.defineProperty(document, 'hidden', { value: !visible, configurable: true });
  document.dispatchEvent(new window.Event('visibilitychange'));
}

afterEach(() => {
  jest.useRealTimers();
  seen(true);
});

test('what changed is told by its name; other events and names that are not known are not', () => {
  const { heard, say } = pushed();
  say('budget');
  say('budget', 'https://events.jupyter.org/jupyter_server/contents_service/v1');
  say('anything');
  say('alive');
  expect(heard).toEqual(['budget']);
});

test('a page that nobody sees hears of it once, when it is seen again', () => {
  const { heard, say } = pushed();
  seen(false);
  say('review');
  say('review');
  say('budget');
  expect(heard).toEqual([]);
  seen(true);
  expect(heard).toEqual(['review', 'budget']);
});

test('a server that falls silent is polled again', () => {
  jest.useFakeTimers();
  const { push, say } = pushed();
  expect(push.alive).toBe(false);
  say('alive');
  expect(push.alive).toBe(true);
  jest.advanceTimersByTime(46_000);
  expect(push.alive).toBe(false);
});
