// Requests to the backend.
import { failure } from './failure.js';

const PATIENCE_MS = 10_000;

/** By this name the backend knows that requests and stream are of one worker, and allows it its measure of commands. */
export const WORKER = crypto.randomUUID();

/** The answer's JSON (`{}` where there is none); rejects with a failure. */
export const post = async (path, body) => {
  const lost = () => failure('outcome_unknown', 'the phone service did not answer; look whether it was done');
  const answer = await fetch(`/api/sip/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'sip-phone-worker': WORKER },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(PATIENCE_MS),
  }).catch(() => {
    throw lost();
  });
  const said = await answer.json().catch(() => ({}));
  if (answer.ok) return said;
  throw said.error ? failure(said.error, said.message) : lost();
};
