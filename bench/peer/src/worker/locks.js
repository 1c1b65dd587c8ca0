// Web Locks tell of an end whichever way it comes: closed, reloaded or crashed.

/** Calls back when the holder of this lock is gone. */
export const whenFree = (name, act) => navigator.locks.request(name, act);

/** Resolves with the name of a lock that this worker holds from then on, for tabs to wait for. */
export const workerLock = () => new Promise((resolve) => {
  const name = `sip-phone-worker-${crypto.randomUUID()}`;
  navigator.locks.request(name, () => {
    resolve(name);
    return new Promise(() => {});
  });
});
