/** Do the page and the server come from the same release? */

/** True when both versions are known and differ: the page then has to be reloaded or one side upgraded. */
export function isMismatch(page: string, server: string): boolean {
  return server !== '' && page !== server;
}
