/** A server whose answer the test gives. */
export const ServerConnection = {
  makeSettings: () => ({ baseUrl: '/base/' }),
  makeRequest: jest.fn()
};
