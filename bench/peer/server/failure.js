/** What is answered with this status and error type. */
export class Failure extends Error {
  constructor(status, error, message) {
    super(message);
    Object.assign(this, { status, error });
  }
}

export const invalid = (message) => new Failure(400, 'validation_error', message);
export const noCall = () => new Failure(404, 'call_not_found', 'there is no such call, or it has ended');
export const wrongState = (message) => new Failure(409, 'invalid_state', message);
