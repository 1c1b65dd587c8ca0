/** An Error whose `code` is one of the contract's error types. */
export const failure = (code, message) => Object.assign(new Error(message), { code });
